#pragma once

#include <functional>
#include <optional>
#include <unordered_set>

#include "ops/backup/backup.h"
#include "ops/backup/batch.h"
#include "ops/backup/parent_tree.h"

namespace igudar {

// The first stage of a backup: walks the source and the parent snapshot side by side, both in order, and decides for
// each entry whether it can be taken over or must be read. Emits batches in the order of the snapshot.
//
// Not thread-safe. Memory: one batch, and the (device, inode) of files with several names that are read in this run.
class Planner {
 public:
  // Takes a batch that has work for workers, or none.
  using Emit = std::function<void(BatchPtr)>;

  // `parent` may be null: then everything is new.
  Planner(const BackupOptions& options, ParentTree* parent, RunMonitor& monitor, Emit emit);

  void run(TreeWalker& walker, std::stop_token stop);
  // `path` is as stream_path() gives it.
  void run_stream(int fd, const std::string& path, std::stop_token stop);
  std::uint64_t unreadable() const { return unreadable_; }

 private:
  std::optional<ParentTree::Found> find_in_parent(const std::string& key, const std::stop_token& stop);
  bool is_current(const WalkItem& item, const Entry& kept) const;
  // Takes the entry of the parent over where it is current and all of its chunks are there.
  bool take_over(const WalkItem& walked, const ParentTree::Found& found, BackupItem& item, const std::stop_token& stop);
  void add_item(BackupItem item);
  void add_large_file(BackupItem item);
  void emit_parts(const std::shared_ptr<LargeFile>& file, const std::vector<FileRange>& ranges);
  void emit_batch();
  void add_stream_folders(const std::string& path, const Metadata& of_stream, std::stop_token stop);
  void report(std::string_view path, const Error& error);

  const BackupOptions& options_;
  ParentTree* parent_;
  RunMonitor& monitor_;
  Emit emit_;
  BatchPtr batch_;
  Entry kept_;                        // the parent's entry that was looked at last
  std::vector<OrdinalRange> places_;  // of kept_
  std::set<std::pair<std::uint64_t, std::uint64_t>> linked_inodes_;
  std::uint64_t unreadable_ = 0;
};

// Where a snapshot has the stream that the user calls `name`: without slashes around it. Throws usage for what no entry
// can be called.
std::string stream_path(std::string_view name);

}  // namespace igudar
