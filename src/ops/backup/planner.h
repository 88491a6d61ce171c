#pragma once

#include <functional>
#include <optional>
#include <unordered_set>

#include "format/snapshot.h"
#include "ops/backup/backup.h"
#include "ops/backup/batch.h"
#include "repo/table_cursor.h"

namespace igudar {

// The first stage of a backup: walks the source and the parent snapshot side by side, both in order, and decides for
// each entry whether it can be taken over or must be read. Emits batches in the order of the snapshot.
//
// Not thread-safe. Memory: one batch, and the (device, inode) of files with several names that are read in this run.
class Planner {
 public:
  struct Parent {
    TableCursor* cursor = nullptr;  // none: everything is new
    TimeNs scan_time = 0;           // entries that are not older cannot be trusted to be unchanged
  };
  // Takes a batch that has work for workers, or none.
  using Emit = std::function<void(BatchPtr)>;
  // Appends where every chunk of an unchanged entry lies, those below extent lists included; false when one is not
  // there any more. Consulted before the entry is taken over.
  using FindPlaces = std::function<bool(const Content&, std::vector<OrdinalRange>&)>;

  Planner(const BackupOptions& options, Parent parent, FindPlaces find_places, RunMonitor& monitor, Emit emit);

  void run(TreeWalker& walker, std::stop_token stop);
  // `path` is as stream_path() gives it.
  void run_stream(int fd, const std::string& path, std::stop_token stop);
  std::uint64_t unreadable() const { return unreadable_; }

 private:
  // Moves the parent on, past pages that are lost; false at the end.
  bool next_of_parent(const std::stop_token& stop);
  // The parent's entry under `key`, if there is one. Keys are asked for in ascending order.
  const Entry* parent_entry(const std::string& key, std::stop_token stop);
  bool is_current(const WalkItem& item, const Entry& kept) const;
  bool can_take_over(const WalkItem& item, const Entry& kept);
  void add_item(BackupItem item);
  void add_large_file(BackupItem item);
  void emit_parts(const std::shared_ptr<LargeFile>& file, const std::vector<FileRange>& ranges);
  void emit_batch();
  void add_stream_folders(const std::string& path, const Metadata& of_stream, std::stop_token stop);
  void report(std::string_view path, const Error& error);

  const BackupOptions& options_;
  Parent parent_;
  FindPlaces find_places_;
  RunMonitor& monitor_;
  Emit emit_;
  BatchPtr batch_;
  Entry kept_;
  std::vector<OrdinalRange> places_;  // of kept_
  bool parent_open_ = false;          // the cursor stands on an entry
  bool parent_has_gaps_ = false;      // and that was noted
  std::set<std::pair<std::uint64_t, std::uint64_t>> linked_inodes_;
  std::uint64_t unreadable_ = 0;
};

// Where a snapshot has the stream that the user calls `name`: without slashes around it. Throws usage for what no entry
// can be called.
std::string stream_path(std::string_view name);

}  // namespace igudar
