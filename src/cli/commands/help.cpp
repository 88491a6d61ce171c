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
  const CommandSpec* command = find_command(words[0]);
  if (command == nullptr) {
    std::vector<std::string> names;
    for (const CommandSpec& one : command_table()) names.emplace_back(one.name);
    const std::optional<std::string> near = nearest(words[0], names);
    throw Error(ErrorCode::usage, trf("there is no command '{}'", words[0]),
                near ? trf("Did you mean '{}'?", *near) : tr("'igudar help' lists the commands."));
  }
  context.console.result(command_help_text(*command));
  return 0;
}

}  // namespace igudar
