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
  std::unique_ptr<SafeTree> tree;         // none in a dry run that would make it
  std::optional<std::string> repository;  // the path of an entry that would be in the place of the repository

  // What has the name of an entry. Throws Error where the restore of that entry would fail.
  std::optional<FileStat> present(const std::string& path) const;
  // Whether `path` is the repository that is restored from, or leads to it: it must not be removed.
  bool holds_repository(const std::string& path) const;
  // Whether an entry at `path` must not be placed: it would be the repository, in it, or not the folder that leads to
  // it.
  bool is_taken_by_repository(const std::string& path, bool is_folder) const;
};

// Makes the folder when it is missing, but not in a dry run. Throws usage when the options name none, or one in the
// repository.
RestoreTarget open_target(const Repository& repository, const RestoreOptions& options, RestoreReport& report);

}  // namespace igudar
