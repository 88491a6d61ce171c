#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command_table.h"
#include "cli/help_topics.h"
#include "cli/option_table.h"

namespace igudar {

// What `igudar help` shows, in the user's language, without a newline at the end.
std::string overview_text();
std::string command_help_text(const CommandSpec& command);
std::string topic_help_text(const HelpTopic& topic);

// For help and man page alike.
// The usage lines: "igudar backup [OPTION…] PATH…".
std::vector<std::string> usage_lines(const CommandSpec& command);
// What the help says of an option, with its default, choices and environment variable.
std::string option_help(const OptionSpec& option);
// Lines of at most `columns`, broken at blanks; paragraphs stay apart.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

}  // namespace igudar
