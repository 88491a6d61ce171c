#pragma once

#include <string>
#include <vector>

#include "fs/exclude_rules.h"
#include "fs/tree_walker.h"
#include "ops/backup/backup.h"

namespace igudar {

// The user's side of a backup, as the options say it.
//
// Thread safety: const once read.
struct BackupSource {
  std::string host;
  std::vector<std::string> paths;  // as `snapshots` shows them: absolute, sorted
  ExcludeRules excludes;
};

// Throws Error (by errno) when a file of exclude patterns cannot be read.
BackupSource read_source(const BackupOptions& options);

// How to walk it: without what is excluded, and without the repository itself, should it lie inside. Refers to
// `source`.
WalkOptions walk_options(const BackupSource& source, const BackupOptions& options, const Repository& repository);

}  // namespace igudar
