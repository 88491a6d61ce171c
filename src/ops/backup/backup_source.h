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

// Says so when the repository lies in what is backed up. Throws usage for a path in the repository.
void leave_repository_out(const Repository& repository, const BackupOptions& options, RunMonitor& monitor);

// How to walk it: without what is excluded, and without the repository itself, should it lie inside. Refers to
// `source`.
WalkOptions walk_options(const BackupSource& source, const BackupOptions& options, const Repository& repository);

}  // namespace igudar
