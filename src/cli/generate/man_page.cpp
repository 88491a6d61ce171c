#include <fmt/format.h>

#include "base/translate.h"
#include "cli/generate/generate.h"
#include "cli/help_text.h"
#include "cli/option_table.h"

namespace igudar {

namespace {

// Text as roff takes it: backslashes and dashes as themselves, no line that looks like a request.
std::string roff(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((i == 0 || text[i - 1] == '\n') && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (c == '\'')
      out += "\\(aq";
    else if (c == '~')
      out += "\\(ti";
    else if (c == '^')
      out += "\\(ha";
    else
      out += c;
  }
  return out;
}

std::string quoted(std::string_view text) {
  return "\"" + roff(text) + "\"";
}

std::string section(const char* title) {
  return fmt::format(".SH {}\n", quoted(title));
}

std::string paragraphs(std::string_view text) {
  std::string out;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find("\n\n", begin), text.size());
    out += ".PP\n" + roff(text.substr(begin, end - begin)) + "\n";
    begin = end + 2;
  }
  return out;
}

std::string option_entry(const OptionSpec& option) {
  std::string name = fmt::format("\\fB{}\\fR", roff(std::string("--") + option.name));
  if (option.letter != 0) name = fmt::format("\\fB{}\\fR, ", roff(std::string("-") + option.letter)) + name;
  if (option.value_name != nullptr) name += fmt::format(" \\fI{}\\fR", roff(tr(option.value_name)));
  return fmt::format(".TP\n{}\n{}\n", name, roff(option_help(option)));
}

std::string options(const std::vector<const OptionSpec*>& list) {
  std::string out;
  for (const OptionSpec* option : list) out += option_entry(*option);
  return out;
}

std::string command_entry(const CommandSpec& command) {
  std::string out = fmt::format(".SS {}\n", quoted(fmt::format("igudar {}", command.name)));
  out += ".nf\n";
  for (const std::string& line : usage_lines(command)) out += roff(line) + "\n";
  out += ".fi\n" + paragraphs(tr(command.description)) + options(options_of(command.id));
  return out;
}

std::string topic_section(const HelpTopic& topic) {
  std::string out = section(tr(topic.title));
  for (const TopicPart& part : topic.parts()) {
    if (!part.text.empty()) out += paragraphs(part.text);
    for (const Explained& entry : part.entries)
      out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(entry.name), roff(entry.text));
  }
  return out;
}

std::string examples() {
  std::string out;
  for (const CommandSpec& command : command_table())
    if (!command.hidden) out += roff(command.examples);
  return ".nf\n" + out + ".fi\n";
}

}  // namespace

std::string man_page() {
  std::string out = fmt::format(".TH IGUDAR 1 \"\" {} {}\n", quoted(fmt::format("igudar {}", IGUDAR_VERSION)),
                                quoted(tr("User commands")));
  out += section(tr("NAME")) + roff(tr("igudar - encrypted, deduplicated backups")) + "\n";
  out += section(tr("SYNOPSIS")) + roff(tr("igudar [--repo REPOSITORY] COMMAND [OPTION…] [ARGUMENT…]")) + "\n";
  out += section(tr("DESCRIPTION")) +
         paragraphs(
             tr("Igudar keeps snapshots of files and folders in a repository: encrypted, verified, and with everything "
                "that is alike stored once. Any number of machines may back up to one repository at the same time, "
                "and what no snapshot needs is freed while they do.\n\n"
                "The repository is named by --repo or IGUDAR_REPOSITORY: a folder's path, or a URL such as "
                "file:/srv/backup. Its password comes from a file, a command, the environment, or is asked for on the "
                "terminal. It is never taken from the command line, which everyone on the machine can read."));
  out += section(tr("COMMANDS"));
  for (const CommandSpec& command : command_table())
    if (!command.hidden) out += command_entry(command);
  out += section(tr("OPTIONS OF EVERY COMMAND")) + options(global_options());
  for (const HelpTopic& topic : help_topics()) out += topic_section(topic);
  out += section(tr("EXAMPLES")) + examples();
  out += section(tr("FILES"));
  out += fmt::format(".TP\n{}\n{}\n", roff("~/.cache/igudar"), roff(tr("cached indexes; may be deleted at any time")));
  out += fmt::format(
      ".TP\n{}\n{}", roff("~/.local/state/igudar"),
      roff(tr("what this machine remembers of each repository, so that it notices when the storage hides a snapshot")));
  return out;
}

}  // namespace igudar
