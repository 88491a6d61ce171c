#include "fs/exclude_rules.h"

#include <algorithm>

namespace igudar {

namespace {

constexpr std::string_view kWildcards = "*?[\\";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view without_trailing_spaces(std::string_view line) {
  std::size_t end = 0;  // behind the last byte that is kept
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool escaped = line[i] == '\\';
    if (escaped && ++i == line.size()) return line;
    if (escaped || line[i] != ' ') end = i + 1;
  }
  return line.substr(0, end);
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

}  // namespace

void ExcludeRules::add_pattern(std::string_view line) {
  line = line.substr(0, line.find('\0'));
  if (line.empty() || line.front() == '#') return;
  line = without_trailing_spaces(line);

  Pattern pattern;
  if (line.starts_with('!')) {
    pattern.negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    pattern.directories_only = true;
    line.remove_suffix(1);
  }
  pattern.anchored = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return;  // matches no name

  const std::size_t wild = std::min(line.find_first_of(kWildcards), line.size());
  const std::string_view rest = line.substr(wild);
  const bool is_suffix = !pattern.anchored && wild == 0 && rest.starts_with('*') &&
                         rest.find_first_of(kWildcards, 1) == std::string_view::npos;
  pattern.literal = line.substr(0, wild);
  if (is_suffix) {
    pattern.suffix = rest.substr(1);
  } else if (!rest.empty()) {
    // A glob of its own, as git has it: "a**/b" also matches "ab", because "**/" stands at the beginning of the rest.
    pattern.glob.emplace(rest);
  }
  if (is_suffix && pattern.suffix.empty()) pattern.glob.emplace("*");
  patterns_.push_back(std::move(pattern));
}

void ExcludeRules::add_file(std::string_view contents) {
  if (contents.starts_with(kByteOrderMark)) contents.remove_prefix(kByteOrderMark.size());
  while (!contents.empty()) {
    const std::size_t end = std::min(contents.find('\n'), contents.size());
    std::string_view line = contents.substr(0, end);
    contents.remove_prefix(std::min(end + 1, contents.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    add_pattern(line);
  }
}

bool ExcludeRules::matches(const Pattern& pattern, std::string_view text) {
  if (!text.starts_with(pattern.literal)) return false;
  text.remove_prefix(pattern.literal.size());
  if (pattern.glob) return pattern.glob->matches(text);
  return pattern.suffix.empty() ? text.empty() : text.ends_with(pattern.suffix);
}

bool ExcludeRules::excludes_entry(std::string_view path, bool is_directory) const {
  const std::string_view name = base_name(path);
  const auto decisive = std::find_if(patterns_.rbegin(), patterns_.rend(), [&](const Pattern& pattern) {
    return (is_directory || !pattern.directories_only) && matches(pattern, pattern.anchored ? path : name);
  });
  return decisive != patterns_.rend() && !decisive->negated;
}

bool ExcludeRules::excludes(std::string_view path, bool is_directory) const {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
    if (excludes_entry(path.substr(0, slash), true)) return true;
  return excludes_entry(path, is_directory);
}

}  // namespace igudar
