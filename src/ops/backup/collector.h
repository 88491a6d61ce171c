#pragma once

#include <map>

#include "format/refset.h"
#include "ops/backup/backup.h"
#include "ops/backup/batch.h"
#include "repo/extent_list_builder.h"
#include "repo/table_builder.h"
#include "repo/write_session.h"

namespace igudar {

// The last stage of a backup: takes the batches in order, builds the tree's pages and gathers the reference set.
//
// Not thread-safe.
class Collector {
 public:
  Collector(WriteSession& session, const PageCutter& cutter, BackupSummary& summary, RunMonitor& monitor);

  // Waits until the batch is complete and adds it.
  void add(Batch& batch, std::stop_token stop);
  // After the last batch, and after the workers flushed.
  TableRoot finish_tree();
  // The reference set's table; its own pages come out in `pages`.
  TableRoot finish_refset(std::vector<OrdinalRange>& pages);

 private:
  void add_item(BackupItem& item);
  void add_part(LargePart& part);
  void refer(std::vector<OrdinalRange>& places);
  void add_entry(BackupItem& item);
  // Moves more extents than an entry may hold itself to lists.
  void move_out(Content& content);
  void count(const BackupItem& item);

  WriteSession& session_;
  const PageCutter& cutter_;
  BackupSummary& summary_;
  RunMonitor& monitor_;
  std::unique_ptr<WriteSession::ChunkStream> pages_;
  std::unique_ptr<WriteSession::ChunkStream> extent_lists_;
  TableBuilder tree_;
  ExtentListBuilder extents_;
  std::vector<OrdinalRange> own_places_;  // of pages and extent lists, until the batch is done
  RefSet references_;
  std::string shown_path_;
  // Content of files with several names, by (device, inode).
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::unique_ptr<Entry>> linked_;
};

}  // namespace igudar
