#include "cli/text_monitor.h"

#include <fmt/format.h>

#include "base/translate.h"
#include "cli/terminal_text.h"
#include "cli/text_format.h"

namespace igudar {

namespace {

// What an operation says became of an item, in the user's language.
std::string translated_action(std::string_view what) {
  struct Action {
    std::string_view said;
    const char* shown;
  };
  static constexpr Action kActions[] = {
      {"new", N_("new")},           {"changed", N_("changed")},  {"unchanged", N_("unchanged")},
      {"restored", N_("restored")}, {"directory", N_("folder")}, {"skipped", N_("skipped")},
      {"removed", N_("removed")}};
  for (const Action& action : kActions)
    if (what == action.said) return tr(action.shown);
  return std::string(what);
}

std::string left_aligned(const std::string& text, std::size_t width) {
  const std::size_t used = display_width(text);
  return text + std::string(used < width ? width - used : 0, ' ');
}

}  // namespace

void TextMonitor::item(std::string_view path, std::string_view what, std::uint64_t bytes) {
  if (console_.verbosity() == 0 || (what == "unchanged" && console_.verbosity() < 2)) return;
  // What was given as "." has no name of its own.
  std::string line = left_aligned(translated_action(what), 10) + " " + console_.shown_name(path.empty() ? "." : path);
  if (bytes > 0) line += fmt::format("  ({})", format_size(bytes));
  console_.info(line);
}

void TextMonitor::note(const std::string& text) {
  console_.info(escape_message(text));
}

void TextMonitor::problem(std::string_view what, const Error& error) {
  count_problem(error);
  const std::string_view text = error.what();
  // Messages of the system layer name their file already.
  if (what.empty() || text.find(what) != std::string_view::npos) return console_.warning(text);
  console_.warning(fmt::format("{}: {}", what, text));
}

}  // namespace igudar
