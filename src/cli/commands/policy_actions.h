#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/commands/command.h"

namespace igudar {

// What 'policy' and 'domain policy' do alike.

// Whether it is one of: show, set, unset.
bool is_policy_action(std::string_view word);
// `words`: the action and what follows it, not empty. Without a domain the one that --domain says. Throws usage.
int run_policy_action(const CommandContext& context, std::span<const std::string> words,
                      const std::optional<std::string>& domain);

}  // namespace igudar
