#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fs/glob.h"

namespace igudar {

// Which paths to leave out, by patterns with the semantics of gitignore(5):
//   - empty lines and those that begin with # say nothing; trailing spaces are dropped unless escaped by a backslash;
//   - "!" takes back what an earlier pattern left out; the last pattern that matches decides; what is inside a
//     directory that is left out cannot be taken back;
//   - a pattern with a slash at its beginning or within is anchored at the top; any other one matches a name anywhere;
//   - a slash at the end makes it match directories only;
//   - "*", "?" and "[…]" do not match a slash; "**/" at the beginning, "/**" at the end and "/**/" match any folders.
//
// The top is that of the snapshot, as `ls` shows it: for `backup .` that is the folder itself ("/build"), for absolute
// paths the file system's root ("/home/amina/build").
//
// Thread safety: const methods may be called concurrently.
class ExcludeRules {
 public:
  // One pattern as it stands on a line, without its newline.
  void add_pattern(std::string_view line);
  // A file of patterns, one a line; a UTF-8 byte order mark at its beginning and a carriage return before a newline are
  // dropped.
  void add_file(std::string_view contents);

  bool empty() const { return patterns_.empty(); }

  // The verdict on `path` alone (relative to the top): for a walk, which asks of each parent first and does not enter
  // what is left out.
  bool excludes_entry(std::string_view path, bool is_directory) const;
  // The verdict on `path` and the directories that lead to it.
  bool excludes(std::string_view path, bool is_directory) const;

 private:
  struct Pattern {
    std::string literal;       // what comes before the first wildcard; all of it when there is none
    std::string suffix;        // what comes after the star of "*.ext"
    std::optional<Glob> glob;  // what begins with the first wildcard, unless the pattern is literal or a suffix
    bool negated = false;
    bool directories_only = false;
    bool anchored = false;
  };

  static bool matches(const Pattern& pattern, std::string_view text);

  std::vector<Pattern> patterns_;
};

}  // namespace igudar
