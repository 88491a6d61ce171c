#pragma once

#include <memory>
#include <optional>
#include <string>

#include "fs/metadata_writer.h"
#include "ops/restore/restore_report.h"

namespace igudar {

// The folder that a restore writes into, and what becomes of what is there.
//
// Thread safety: const once opened, but for the tree, which may be used concurrently.
struct RestoreTarget {
  std::string folder;
  bool made = false;   // by this restore
  bool fresh = false;  // nothing was there: no need to look for existing files
  bool dry_run = false;
  InTheWay in_the_way = InTheWay::replace;
  InTheWay in_the_way_of_folders = InTheWay::replace;
  ApplyOptions apply;
  std::unique_ptr<SafeTree> tree;  // none in a dry run that would make it

  // What has the name of an entry. Throws Error where the restore of that entry would fail.
  std::optional<FileStat> present(const std::string& path) const;
};

// Makes the folder when it is missing, but not in a dry run. Throws usage when the options name none.
RestoreTarget open_target(const RestoreOptions& options, RestoreReport& report);

}  // namespace igudar
