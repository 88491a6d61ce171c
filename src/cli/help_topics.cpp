#include "cli/help_topics.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/translate.h"
#include "cli/option_table.h"

namespace igudar {

namespace {

struct CodeSpec {
  const char* name;
  int status;
  const char* meaning;
};
constexpr CodeSpec kCodes[] = {
#define X(code, exit_status, meaning) {#code, exit_status, meaning},
#include "base/error_codes.def"
#undef X
};

std::vector<TopicPart> patterns() {
  return {
      {tr("Patterns are those of gitignore. They say what a backup leaves out (--exclude, --exclude-file), and what a "
          "restore takes (--include) or leaves out (--exclude)."),
       {{"*.o", tr("what is named so, in every folder; '*', '?' and '[a-z]' stand for no '/'")},
        {"build/", tr("the same, but folders only, with all that is in them")},
        {"/build", tr("with a '/' at its beginning: at the top only")},
        {"src/*.o", tr("with a '/' within: likewise, so what is directly in the folder src at the top")},
        {"**/test/*.o", tr("'**/' stands for any number of folders, none as well")},
        {"/photos/**", tr("'/**' at the end stands for everything inside")},
        {"!keep.o", tr("takes back what an earlier pattern chose. The last pattern that matches decides; what lies in "
                       "a folder that is left out cannot be taken back")},
        {"# …", tr("in a file of patterns: a remark. Empty lines say nothing; '\\#', '\\!' and '\\ ' mean the "
                   "character itself")}}},
      {tr("The top is that of the snapshot, as 'igudar ls' shows it: after 'igudar backup .' the folder itself, so "
          "that "
          "'/build' is the one directly in it; after 'igudar backup /home/amina' the root of the file system, so that "
          "it is '/home/amina/build'.\n\n"
          "Patterns from files come first, then those of the command line. Put them in quotes, or the shell takes them "
          "for its own."),
       {}},
  };
}

std::vector<TopicPart> environment() {
  std::vector<Explained> variables;
  for (const OptionSpec& option : option_table())
    if (option.environment != nullptr)
      variables.push_back({option.environment, trf("as the option {}", std::string("--") + option.name)});
  for (const EnvironmentSpec& variable : environment_table()) variables.push_back({variable.name, tr(variable.help)});
  return {{"", variables}};
}

// One row for each status, with the meaning of the first code of the list that has it.
std::vector<Explained> exit_statuses() {
  std::vector<Explained> rows = {{"0", tr("done")}};
  for (const CodeSpec& code : kCodes) {
    const std::string status = std::to_string(code.status);
    const auto same = [&](const Explained& row) { return row.name == status; };
    if (std::none_of(rows.begin(), rows.end(), same)) rows.push_back({status, tr(code.meaning)});
  }
  return rows;
}

std::vector<TopicPart> exit_codes() {
  std::vector<Explained> codes;
  for (const CodeSpec& code : kCodes)
    codes.push_back({fmt::format("{} ({})", code.name, code.status), tr(code.meaning)});
  return {{tr("Every command ends with one of these:"), exit_statuses()},
          {tr("The codes of errors, as --json shows them, with their exit status:"), codes}};
}

constexpr HelpTopic kTopics[] = {
    {"patterns", N_("PATTERNS"), N_("how --exclude and --include choose files"), patterns},
    {"environment", N_("ENVIRONMENT"), N_("the variables that are read"), environment},
    {"exit-codes", N_("EXIT STATUS"), N_("what the exit status says, for scripts"), exit_codes},
};

}  // namespace

std::span<const HelpTopic> help_topics() {
  return kTopics;
}

const HelpTopic* find_help_topic(std::string_view name) {
  for (const HelpTopic& topic : kTopics)
    if (name == topic.name) return &topic;
  return nullptr;
}

}  // namespace igudar
