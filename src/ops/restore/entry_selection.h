#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/entry.h"
#include "fs/exclude_rules.h"

namespace igudar {

// Whether `path` lies in `folder` or deeper; all paths do in "".
bool is_below(std::string_view path, std::string_view folder);

// Which entries of a snapshot a restore is about: those below a path, that match the includes and not the excludes.
// Entries are offered in the order of the snapshot. Not thread-safe.
class EntrySelection {
 public:
  // `below`: a path as entries have it; empty: the whole snapshot.
  EntrySelection(std::string below, const std::vector<std::string>& includes, const std::vector<std::string>& excludes);

  enum class Verdict {
    restore,
    on_the_way,  // a folder that leads to entries that may be wanted: made only if one is
    leave
  };
  Verdict judge(const Entry& entry);
  // The same for a path that the snapshot need not have, whatever was judged before.
  Verdict judge_path(std::string_view path, bool is_folder) const;
  // The entry's path below the target.
  std::string target_path(const Entry& entry) const;
  // Whether no entry from `path` on can be wanted any more.
  bool past_end(const std::string& path) const;
  const std::string& below() const { return below_; }

 private:
  const std::string below_;
  ExcludeRules includes_;
  ExcludeRules excludes_;
  std::string included_folder_;  // all below it is included
  std::string excluded_folder_;  // nothing below it is
  bool in_included_ = false;
  bool in_excluded_ = false;
};

}  // namespace igudar
