#include <fmt/format.h>

#include "base/translate.h"
#include "cli/generate/generate.h"
#include "cli/option_table.h"

namespace igudar {

namespace {

std::string quoted_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string spaced(const char* choices) {
  std::string out;
  for (std::string_view choice : split_choices(choices)) out += (out.empty() ? "" : " ") + std::string(choice);
  return out;
}

std::string option_line(const OptionSpec& option, const std::string& condition) {
  std::string line = fmt::format("complete -c igudar{} -l {}", condition, option.name);
  if (option.letter != 0) line += fmt::format(" -s {}", option.letter);
  switch (option.kind) {
    case ValueKind::flag:
      break;
    case ValueKind::file:
      line += " -r -F";
      break;
    case ValueKind::folder:
      line += " -x -a '(__fish_complete_directories)'";
      break;
    case ValueKind::choice:
      line += fmt::format(" -x -a '{}'", spaced(option.choices));
      break;
    case ValueKind::text:
      line += " -x";
      break;
  }
  return line + fmt::format(" -d {}\n", quoted_text(tr(option.help)));
}

}  // namespace

std::string fish_completion() {
  std::string names;
  for (const CommandSpec& command : command_table())
    if (!command.hidden) names += (names.empty() ? "" : " ") + std::string(command.name);

  std::string out = "# fish completion for igudar, made by 'igudar generate fish'\n\ncomplete -c igudar -f\n";
  for (const OptionSpec* option : global_options()) out += option_line(*option, "");
  const std::string no_command = fmt::format("not __fish_seen_subcommand_from {}", names);
  for (const CommandSpec& command : command_table()) {
    if (command.hidden) continue;
    out += fmt::format("\ncomplete -c igudar -n '{}' -a {} -d {}\n", no_command, command.name,
                       quoted_text(tr(command.summary)));
    const std::string condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
    for (const OptionSpec* option : options_of(command.id)) out += option_line(*option, condition);
    if (command.choices != nullptr)
      out += fmt::format("complete -c igudar{} -a '{}'\n", condition, spaced(command.choices));
    if (command.id == CommandId::help) out += fmt::format("complete -c igudar{} -a '{}'\n", condition, names);
    if (command.argument_kind == ValueKind::file) out += fmt::format("complete -c igudar{} -F\n", condition);
  }
  out.pop_back();
  return out;
}

}  // namespace igudar
