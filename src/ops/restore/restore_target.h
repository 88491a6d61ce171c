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
  std::uint64_t device = 0;               // of the tree
  std::optional<std::string> repository;  // the path of an entry that would be in the place of the repository

  // What has the name of an entry that is no folder. Throws Error where the restore of that entry would fail, or would
  // remove what is mounted there.
  std::optional<FileStat> present(const std::string& path) const;
  // What has the name of an entry. Throws Error where the restore of that entry would fail.
  std::optional<FileStat> present_at_folder(const std::string& path) const;
  // Whether `path` is the repository that is restored from, or leads to it: it must not be removed.
  bool holds_repository(const std::string& path) const;
  // Whether an entry at `path` must not be placed: it would be the repository, in it, or not the folder that leads to
  // it.
  bool is_taken_by_repository(const std::string& path, bool is_folder) const;
  // Whether `there`, below the target, belongs to another file system (with Btrfs, to another subvolume), or is a mount
  // point: what is in it is not the target's, and a snapshot made with --one-file-system has it as an empty folder.
  bool is_elsewhere(const FileStat& there) const;
  // Whether `path` is, or somewhere leads to, such a thing.
  bool leads_elsewhere(const std::string& path) const;
};

// Makes the folder when it is missing, but not in a dry run. Throws usage when the options name none, or one in the
// repository.
RestoreTarget open_target(const Repository& repository, const RestoreOptions& options, RestoreReport& report);

}  // namespace igudar
