#include "cli/help_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/translate.h"
#include "cli/terminal_text.h"

namespace igudar {

namespace {

constexpr std::size_t kColumns = 88;
constexpr std::size_t kNameColumns = 30;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find(separator, begin)) != std::string_view::npos; begin = end + 1)
    parts.emplace_back(text.substr(begin, end - begin));
  parts.emplace_back(text.substr(begin));
  return parts;
}

// "  -t, --target FOLDER   restore below this folder", the explanation in a column of its own.
void append_explained(std::string& out, const std::string& name, const std::string& explanation) {
  std::string line = "  " + name;
  bool first = true;
  for (const std::string& part : wrapped(explanation, kColumns - kNameColumns)) {
    if (first && display_width(line) + 2 > kNameColumns) {
      out += line + "\n";
      line.clear();
    }
    first = false;
    const std::size_t used = display_width(line);
    out += line + std::string(kNameColumns - used, ' ') + part + "\n";
    line.clear();
  }
}

std::string option_name(const OptionSpec& option) {
  std::string name =
      option.letter != 0 ? fmt::format("-{}, --{}", option.letter, option.name) : fmt::format("    --{}", option.name);
  if (option.value_name != nullptr) name += std::string(" ") + tr(option.value_name);
  return name;
}

void append_options(std::string& out, const char* title, const std::vector<const OptionSpec*>& options) {
  if (options.empty()) return;
  out += fmt::format("\n{}\n", title);
  for (const OptionSpec* option : options) append_explained(out, option_name(*option), option_help(*option));
}

void append_paragraphs(std::string& out, std::string_view text) {
  for (const std::string& line : wrapped(text, kColumns)) out += line + "\n";
}

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

std::vector<std::string> usage_lines(const CommandSpec& command) {
  std::vector<std::string> lines;
  const std::string arguments = *command.arguments == '\0' ? "" : tr(command.arguments);
  for (const std::string& form : split(arguments, '\n'))
    lines.push_back(form.empty() ? fmt::format("igudar {} {}", command.name, tr("[OPTION…]"))
                                 : fmt::format("igudar {} {} {}", command.name, tr("[OPTION…]"), form));
  return lines;
}

std::string option_help(const OptionSpec& option) {
  std::string text = tr(option.help);
  if (option.choices != nullptr) text += trf("; one of {}", fmt::join(split_choices(option.choices), ", "));
  if (option.default_value != nullptr) text += trf(" (default: {})", option.default_value);
  if (option.environment != nullptr) text += trf(" [also ${}]", option.environment);
  if (option.repeatable && option.kind != ValueKind::flag) text += tr(" (may be repeated)");
  return text;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  for (const std::string& paragraph : split(text, '\n')) {
    std::string line;
    for (const std::string& word : split(paragraph, ' ')) {
      if (!line.empty() && display_width(line) + 1 + display_width(word) > columns) {
        lines.push_back(line);
        line.clear();
      }
      line += (line.empty() ? "" : " ") + word;
    }
    lines.push_back(line);
  }
  return lines;
}

std::string overview_text() {
  std::string out = fmt::format("{}\n\n{}\n", tr("igudar: encrypted, deduplicated backups"),
                                tr("Usage: igudar [--repo REPOSITORY] COMMAND [OPTION…] [ARGUMENT…]"));
  out += fmt::format("\n{}\n", tr("Commands:"));
  for (const CommandSpec& command : command_table()) {
    if (command.hidden) continue;
    append_explained(out, command.name, tr(command.summary));
  }
  append_options(out, tr("Options of every command:"), global_options());
  out += fmt::format("\n{}\n", tr("Explained by 'igudar help' as well:"));
  for (const HelpTopic& topic : help_topics()) append_explained(out, topic.name, tr(topic.summary));
  out += fmt::format("\n{}\n", tr("To begin:"));
  out +=
      "  export IGUDAR_REPOSITORY=/srv/backup\n  igudar init\n  igudar backup ~/Documents\n  igudar snapshots\n"
      "  igudar restore latest --target /tmp/restored\n";
  out += fmt::format("\n{}", tr("'igudar help COMMAND' explains a command; 'man igudar' tells everything."));
  return out;
}

std::string command_help_text(const CommandSpec& command) {
  std::string out;
  for (const std::string& line : usage_lines(command)) out += line + "\n";
  out += "\n";
  append_paragraphs(out, tr(command.description));
  append_options(out, tr("Options:"), options_of(command.id));
  append_options(out, tr("Options of every command:"), global_options());
  if (*command.examples != '\0') {
    out += fmt::format("\n{}\n", tr("Examples:"));
    for (const std::string& line : split(command.examples, '\n'))
      if (!line.empty()) out += "  " + line + "\n";
  }
  return without_last_newline(out);
}

std::string topic_help_text(const HelpTopic& topic) {
  std::string out;
  for (const TopicPart& part : topic.parts()) {
    if (!out.empty()) out += "\n";
    if (!part.text.empty()) append_paragraphs(out, part.text);
    if (!part.text.empty() && !part.entries.empty()) out += "\n";
    for (const Explained& entry : part.entries) append_explained(out, entry.name, entry.text);
  }
  return without_last_newline(out);
}

}  // namespace igudar
