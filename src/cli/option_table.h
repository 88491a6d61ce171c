#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cli/command_table.h"

namespace igudar {

// The options: the one table that the parser, --help, the man page and the completions are made of. The texts are
// marked for the catalogue, not translated.
struct OptionSpec {
  const char* name;  // without the dashes
  char letter = 0;   // 0: none
  ValueKind kind = ValueKind::flag;
  const char* value_name = nullptr;  // as help shows the value: "FILE"
  const char* help = nullptr;        // begins in lower case, no full stop
  CommandSet commands;               // all(): a global option
  bool repeatable = false;
  const char* default_value = nullptr;  // as help shows it
  const char* choices = nullptr;        // "always|never", for ValueKind::choice
  const char* environment = nullptr;    // read when the option is not given
};

std::span<const OptionSpec> option_table();

// Those of one command, global ones left out.
std::vector<const OptionSpec*> options_of(CommandId command);
std::vector<const OptionSpec*> global_options();
// The option that `--name` means for a command, global ones included; nullptr when there is none.
const OptionSpec* find_option(CommandId command, std::string_view name);

// "a|b|c" taken apart.
std::vector<std::string_view> split_choices(const char* choices);

// An environment variable that no option stands for.
struct EnvironmentSpec {
  const char* name;
  const char* help;
};
std::span<const EnvironmentSpec> environment_table();

}  // namespace igudar
