#include "cli/help_text.h"

#include "base/error.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/suggestion.h"

namespace igudar {

int run_help(const CommandContext& context) {
  const std::vector<std::string>& words = context.arguments.positional();
  if (words.empty()) {
    context.console.result(overview_text());
    return 0;
  }
  if (const CommandSpec* command = find_command(words[0])) {
    context.console.result(command_help_text(*command));
    return 0;
  }
  if (const HelpTopic* topic = find_help_topic(words[0])) {
    context.console.result(topic_help_text(*topic));
    return 0;
  }
  std::vector<std::string> names;
  for (const CommandSpec& command : command_table()) names.emplace_back(command.name);
  for (const HelpTopic& topic : help_topics()) names.emplace_back(topic.name);
  const std::optional<std::string> near = nearest(words[0], names);
  throw Error(ErrorCode::usage, trf("there is no command '{}'", words[0]),
              near ? trf("Did you mean '{}'?", *near) : tr("'igudar help' lists the commands."));
}

}  // namespace igudar
