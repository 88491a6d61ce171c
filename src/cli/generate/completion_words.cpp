#include "cli/generate/completion_words.h"

#include <fmt/format.h>

#include "cli/help_topics.h"

namespace igudar {

namespace {

void append_valued(std::vector<std::string>& patterns, const char* command,
                   const std::vector<const OptionSpec*>& options) {
  for (const OptionSpec* option : options) {
    if (option->kind == ValueKind::flag) continue;
    for (const std::string& name : names_of(*option)) patterns.push_back(fmt::format("{}:{}", command, name));
  }
}

}  // namespace

std::string command_words() {
  std::string words;
  for (const CommandSpec& command : command_table())
    if (!command.hidden) words += (words.empty() ? "" : " ") + std::string(command.name);
  return words;
}

std::string help_words() {
  std::string words = command_words();
  for (const HelpTopic& topic : help_topics()) words += std::string(" ") + topic.name;
  return words;
}

std::string choice_words(const char* choices) {
  return fmt::format("{}", fmt::join(split_choices(choices), " "));
}

std::vector<std::string> names_of(const OptionSpec& option) {
  std::vector<std::string> names = {std::string("--") + option.name};
  if (option.letter != 0) names.push_back(std::string("-") + option.letter);
  return names;
}

std::vector<std::string> valued_options() {
  std::vector<std::string> patterns;
  append_valued(patterns, "*", global_options());
  for (const CommandSpec& command : command_table())
    if (!command.hidden) append_valued(patterns, command.name, options_of(command.id));
  return patterns;
}

}  // namespace igudar
