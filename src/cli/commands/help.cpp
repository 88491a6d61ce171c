#include "cli/help_text.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/suggestion.h"

namespace igudar {

namespace {

void show(Console& console, const std::string& text) {
  if (console.json())
    console.json_line(Json{{"message_type", "help"}, {"text", text}}.dump(), true);
  else
    console.result(text);
}

}  // namespace

int run_help(const CommandContext& context) {
  const std::vector<std::string>& words = context.arguments.positional();
  if (words.empty()) {
    show(context.console, overview_text());
    return 0;
  }
  if (const CommandSpec* command = find_command(words[0])) {
    show(context.console, command_help_text(*command));
    return 0;
  }
  if (const HelpTopic* topic = find_help_topic(words[0])) {
    show(context.console, topic_help_text(*topic));
    return 0;
  }
  std::vector<std::string> names;
  for (const CommandSpec& command : command_table())
    if (!command.hidden) names.emplace_back(command.name);
  for (const HelpTopic& topic : help_topics()) names.emplace_back(topic.name);
  throw Error(ErrorCode::usage, trf("there is no command '{}'", words[0]),
              hint_for(words[0], names, tr("'igudar help' lists the commands.")));
}

}  // namespace igudar
