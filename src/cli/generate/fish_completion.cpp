#include <fmt/format.h>

#include "base/translate.h"
#include "cli/generate/completion_words.h"
#include "cli/generate/generate.h"
#include "cli/option_table.h"

namespace igudar {

namespace {

constexpr const char* kHelpers =
    R"(# Whether this is the command on the line ('' when there is none yet), with at most so many arguments before the cursor.
function __igudar_is
    set -l command ''
    set -l arguments 0
    set -l value_follows 0
    for word in (commandline -opc)[2..-1]
        if test $value_follows = 1
            set value_follows 0
            continue
        end
        switch "$command:$word"
            case {}
                set value_follows 1
            case '*:-*'
            case ':*'
                set command $word
            case '*'
                set arguments (math $arguments + 1)
        end
    end
    test "$command" = "$argv[1]"; and begin
        not set -q argv[2]; or test $arguments -le $argv[2]
    end
end

complete -c igudar -f
)";

std::string quoted_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
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
      line += fmt::format(" -x -a '{}'", choice_words(option.choices));
      break;
    case ValueKind::text:
      line += " -x";
      break;
  }
  return line + fmt::format(" -d {}\n", quoted_text(tr(option.help)));
}

std::string argument_line(const CommandSpec& command) {
  if (command.argument_kind == ValueKind::file)
    return fmt::format("complete -c igudar -n '__igudar_is {}' -F\n", command.name);
  const std::string first = fmt::format("complete -c igudar -n '__igudar_is {} 0' -a ", command.name);
  if (command.choices != nullptr) return first + fmt::format("'{}'\n", choice_words(command.choices));
  if (command.id == CommandId::help) return first + fmt::format("'{}'\n", help_words());
  return "";
}

}  // namespace

std::string fish_completion() {
  std::string cases;
  for (const std::string& pattern : valued_options()) cases += (cases.empty() ? "'" : " '") + pattern + "'";

  std::string out = "# fish completion for igudar, made by 'igudar generate fish'\n\n";
  out += fmt::format(kHelpers, cases);
  for (const OptionSpec* option : global_options()) out += option_line(*option, "");
  for (const CommandSpec& command : command_table()) {
    if (command.hidden) continue;
    out += fmt::format("\ncomplete -c igudar -n '__igudar_is \"\"' -a {} -d {}\n", command.name,
                       quoted_text(tr(command.summary)));
    const std::string condition = fmt::format(" -n '__igudar_is {}'", command.name);
    for (const OptionSpec* option : options_of(command.id)) out += option_line(*option, condition);
    out += argument_line(command);
  }
  out.pop_back();
  return out;
}

}  // namespace igudar
