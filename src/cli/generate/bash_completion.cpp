#include <fmt/format.h>

#include "cli/generate/completion_words.h"
#include "cli/generate/generate.h"
#include "cli/option_table.h"

namespace igudar {

namespace {

// Where a word is a file or a folder, readline completes it: it knows quotes, "~" and escapes.
constexpr const char* kHelpers =
    "_igudar_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$current\"); }\n"
    "_igudar_files() { compopt -o default; }\n"
    "_igudar_folders() { compopt -o dirnames; }\n\n";

// Finds the command, counts the arguments behind it, and takes "--option=value", which comes as three words, apart.
constexpr const char* kParse = R"(  COMPREPLY=()
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" command="" arguments=0 options i
  local IFS=$' \t\n'
  if [[ $current == = ]]; then
    current=""
  elif [[ $previous == = ]]; then
    previous="${{COMP_WORDS[COMP_CWORD-2]}}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command:${{COMP_WORDS[i]}}" in
      {}) [[ ${{COMP_WORDS[++i]}} != = ]] || ((i++)) ;;
      *:-*) ;;
      :*) command="${{COMP_WORDS[i]}}" ;;
      *) ((arguments++)) ;;
    esac
  done

)";

std::string option_words(const std::vector<const OptionSpec*>& options) {
  std::string words;
  for (const OptionSpec* option : options)
    for (const std::string& name : names_of(*option)) words += (words.empty() ? "" : " ") + name;
  return words;
}

// What completes the value of an option, as a shell command.
std::string value_action(const OptionSpec& option) {
  switch (option.kind) {
    case ValueKind::file:
      return "_igudar_files; ";
    case ValueKind::folder:
      return "_igudar_folders; ";
    case ValueKind::choice:
      return fmt::format("_igudar_words '{}'; ", choice_words(option.choices));
    case ValueKind::text:
    case ValueKind::flag:
      break;
  }
  return "";
}

std::string value_cases(const std::string& command, const std::vector<const OptionSpec*>& options) {
  std::string out;
  for (const OptionSpec* option : options) {
    if (option->kind == ValueKind::flag) continue;
    std::string pattern;
    for (const std::string& name : names_of(*option))
      pattern += fmt::format("{}{}:{}", pattern.empty() ? "" : "|", command, name);
    out += fmt::format("    {}) {}return ;;\n", pattern, value_action(*option));
  }
  return out;
}

std::string argument_action(const CommandSpec& command) {
  if (command.argument_kind == ValueKind::file) return "_igudar_files";
  const std::string first = "((arguments > 0)) || _igudar_words ";
  if (command.choices != nullptr) return first + fmt::format("'{}'", choice_words(command.choices));
  if (command.id == CommandId::help) return first + fmt::format("'{}'", help_words());
  return "";
}

}  // namespace

std::string bash_completion() {
  std::string out = "# bash completion for igudar, made by 'igudar generate bash'\n\n";
  out += kHelpers;
  out += "_igudar() {\n" + fmt::format(kParse, fmt::join(valued_options(), "|"));

  out += "  case \"$command:$previous\" in\n" + value_cases("*", global_options());
  for (const CommandSpec& command : command_table())
    if (!command.hidden) out += value_cases(command.name, options_of(command.id));
  out += "  esac\n\n";

  out += fmt::format("  if [[ $current == -* ]]; then\n    options='{}'\n    case \"$command\" in\n",
                     option_words(global_options()));
  for (const CommandSpec& command : command_table())
    if (const std::string words = option_words(options_of(command.id)); !command.hidden && !words.empty())
      out += fmt::format("      {}) options+=' {}' ;;\n", command.name, words);
  out += "    esac\n    _igudar_words \"$options\"\n    return\n  fi\n\n  case \"$command\" in\n";
  out += fmt::format("    '') _igudar_words '{}' ;;\n", command_words());
  for (const CommandSpec& command : command_table())
    if (const std::string action = argument_action(command); !command.hidden && !action.empty())
      out += fmt::format("    {}) {} ;;\n", command.name, action);
  out += "  esac\n}\n\ncomplete -F _igudar igudar";
  return out;
}

}  // namespace igudar
