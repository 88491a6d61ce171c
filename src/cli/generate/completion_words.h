#pragma once

#include <string>
#include <vector>

#include "cli/option_table.h"

// The words of the tables as the completions of all shells need them.

namespace igudar {

// "init backup …", hidden ones left out.
std::string command_words();
// What `igudar help` explains: the commands, then the topics.
std::string help_words();
// "a b c", of "a|b|c".
std::string choice_words(const char* choices);
// "--target", "-t".
std::vector<std::string> names_of(const OptionSpec& option);
// Patterns of "COMMAND:OPTION", for each option that takes a value from the word behind it: "*:--repo", "backup:-e", …
std::vector<std::string> valued_options();

}  // namespace igudar
