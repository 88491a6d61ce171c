#include <fmt/format.h>

#include "base/translate.h"
#include "cli/generate/completion_words.h"
#include "cli/generate/generate.h"
#include "cli/option_table.h"

namespace igudar {

namespace {

// Inside single quotes, where _arguments gives brackets and colons a meaning.
std::string quoted_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':' || c == '\\')
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

std::string value_action(const OptionSpec& option) {
  switch (option.kind) {
    case ValueKind::file:
      return "_files";
    case ValueKind::folder:
      return "_files -/";
    case ValueKind::choice:
      return fmt::format("({})", choice_words(option.choices));
    case ValueKind::text:
    case ValueKind::flag:
      break;
  }
  return " ";
}

// '(-t --target)'{-t+,--target=}'[restore below this folder]:FOLDER:_files -/'
std::string option_spec(const OptionSpec& option) {
  const bool valued = option.kind != ValueKind::flag;
  const std::string long_name = fmt::format("--{}{}", option.name, valued ? "=" : "");
  std::string exclusion;
  std::string names = long_name;
  if (option.repeatable) {
    exclusion = "'*'";
  } else if (option.letter != 0) {
    exclusion = fmt::format("'(-{} --{})'", option.letter, option.name);
  }
  if (option.letter != 0) names = fmt::format("{{-{}{},{}}}", option.letter, valued ? "+" : "", long_name);
  std::string spec = fmt::format("{}{}'[{}]", exclusion, names, quoted_text(tr(option.help)));
  if (valued) spec += fmt::format(":{}:{}", quoted_text(tr(option.value_name)), value_action(option));
  return spec + "'";
}

std::string specs(const std::vector<const OptionSpec*>& options, const char* indent) {
  std::string out;
  for (const OptionSpec* option : options) out += fmt::format("{}{} \\\n", indent, option_spec(*option));
  return out;
}

// Arguments that nothing completes: an empty list, for a message ("*: : ") would keep zsh from inserting an option.
constexpr const char* kNoMatches = "'*: :( )'";

std::string argument_spec(const CommandSpec& command) {
  if (command.choices != nullptr) return fmt::format("'1: :({})' {}", choice_words(command.choices), kNoMatches);
  if (command.argument_kind == ValueKind::file) return "'*: :_files'";
  if (command.id == CommandId::help) return fmt::format("'1: :({})' {}", help_words(), kNoMatches);
  return kNoMatches;
}

}  // namespace

std::string zsh_completion() {
  std::string out =
      "#compdef igudar\n# zsh completion for igudar, made by 'igudar generate zsh'\n\n_igudar_commands() {\n  local -a "
      "commands=(\n";
  for (const CommandSpec& command : command_table())
    if (!command.hidden) out += fmt::format("    '{}:{}'\n", command.name, quoted_text(tr(command.summary)));
  out +=
      "  )\n  _describe command commands\n}\n\n_igudar() {\n  local curcontext=$curcontext state line\n  typeset -A "
      "opt_args\n";
  out += "  local -a global=(\n";
  for (const OptionSpec* option : global_options()) out += fmt::format("    {}\n", option_spec(*option));
  out +=
      "  )\n  _arguments -s -S -C $global '1: :_igudar_commands' '*:: :->rest' && return\n  [[ $state == rest ]] || "
      "return\n";
  out += "  case $words[1] in\n";
  for (const CommandSpec& command : command_table()) {
    if (command.hidden) continue;
    out += fmt::format("    {})\n      _arguments -s -S $global \\\n{}        {} ;;\n", command.name,
                       specs(options_of(command.id), "        "), argument_spec(command));
  }
  out += "  esac\n}\n\n_igudar \"$@\"";
  return out;
}

}  // namespace igudar
