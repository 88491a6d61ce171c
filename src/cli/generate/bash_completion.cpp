#include <fmt/format.h>

#include "cli/generate/generate.h"
#include "cli/option_table.h"

namespace igudar {

namespace {

std::string words_of(const std::vector<const OptionSpec*>& options) {
  std::string words;
  for (const OptionSpec* option : options) {
    words += fmt::format("{}--{}", words.empty() ? "" : " ", option->name);
    if (option->letter != 0) words += fmt::format(" -{}", option->letter);
  }
  return words;
}

std::string names_of(const OptionSpec& option) {
  std::string names = fmt::format("--{}", option.name);
  if (option.letter != 0) names += fmt::format("|-{}", option.letter);
  return names;
}

std::string spaced(const char* choices) {
  std::string out;
  for (std::string_view choice : split_choices(choices)) out += (out.empty() ? "" : " ") + std::string(choice);
  return out;
}

// What completes the value of an option, as a shell command.
std::string value_action(const OptionSpec& option) {
  switch (option.kind) {
    case ValueKind::file:
      return "COMPREPLY=($(compgen -f -- \"$current\")); compopt -o filenames 2>/dev/null";
    case ValueKind::folder:
      return "COMPREPLY=($(compgen -d -- \"$current\")); compopt -o filenames 2>/dev/null";
    case ValueKind::choice:
      return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$current\"))", spaced(option.choices));
    case ValueKind::text:
    case ValueKind::flag:
      return "COMPREPLY=()";
  }
  return ":";
}

std::string value_cases(const std::string& command, const std::vector<const OptionSpec*>& options) {
  std::string out;
  for (const OptionSpec* option : options) {
    if (option->kind == ValueKind::flag) continue;
    std::string pattern;
    for (std::string_view name : split_choices(names_of(*option).c_str()))
      pattern += fmt::format("{}{}:{}", pattern.empty() ? "" : "|", command, name);
    out += fmt::format("    {}) {}; return ;;\n", pattern, value_action(*option));
  }
  return out;
}

// A pattern of all options that take a value, so that the command is found behind them.
std::string valued_global_options() {
  std::string out;
  for (const OptionSpec* option : global_options())
    if (option->kind != ValueKind::flag) out += (out.empty() ? "" : "|") + names_of(*option);
  return out;
}

std::string argument_action(const CommandSpec& command) {
  if (command.choices != nullptr)
    return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$current\"))", spaced(command.choices));
  if (command.argument_kind == ValueKind::file)
    return "COMPREPLY=($(compgen -f -- \"$current\")); compopt -o filenames 2>/dev/null";
  if (command.id == CommandId::help) return "COMPREPLY=($(compgen -W \"$commands\" -- \"$current\"))";
  return "COMPREPLY=()";
}

}  // namespace

std::string bash_completion() {
  std::string commands;
  for (const CommandSpec& command : command_table())
    if (!command.hidden) commands += (commands.empty() ? "" : " ") + std::string(command.name);

  std::string out = "# bash completion for igudar, made by 'igudar generate bash'\n\n_igudar() {\n";
  out += "  local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"\" command=\"\" options=\"\" i\n";
  out += fmt::format("  local commands='{}'\n", commands);
  out += "  local IFS=$' \\t\\n'\n";
  out += "  ((COMP_CWORD > 0)) && previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n";
  out += "  for ((i = 1; i < COMP_CWORD; i++)); do\n    case \"${COMP_WORDS[i]}\" in\n";
  out += fmt::format(
      "      {}) ((i++)) ;;\n      -*) ;;\n      *) command=\"${{COMP_WORDS[i]}}\"; break ;;\n    esac\n  done\n\n",
      valued_global_options());

  out += "  case \"$command:$previous\" in\n";
  out += value_cases("*", global_options());
  for (const CommandSpec& command : command_table())
    if (!command.hidden) out += value_cases(command.name, options_of(command.id));
  out +=
      "  esac\n\n  if [[ -z $command && $current != -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$commands\" -- \"$current\"))\n    return\n  fi\n\n";

  out += fmt::format("  options='{}'\n  case \"$command\" in\n", words_of(global_options()));
  for (const CommandSpec& command : command_table()) {
    if (command.hidden) continue;
    out += fmt::format("    {})\n      options+=' {}'\n      [[ $current == -* ]] || {{ {}; return; }}\n      ;;\n",
                       command.name, words_of(options_of(command.id)), argument_action(command));
  }
  out += "  esac\n  COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n}\n\ncomplete -F _igudar igudar";
  return out;
}

}  // namespace igudar
