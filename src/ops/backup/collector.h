#pragma once

#include <map>

#include "format/refset.h"
#include "ops/backup/backup.h"
#include "ops/backup/batch.h"
#include "repo/extent_list_builder.h"
#include "repo/files_cache.h"
#include "repo/table_builder.h"
#include "repo/write_session.h"

namespace igudar {

// The last stage of a backup: takes the batches in order, builds the tree's pages and gathers the reference set.
//
// Not thread-safe.
class Collector {
 public:
  // Where `files` is given, it gets every entry of the tree.
  Collector(WriteSession& session, const PageCutter& cutter, FilesCacheWriter* files, BackupSummary& summary,
            RunMonitor& monitor);

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
  void add_extents(const std::vector<Extent>& extents);
  // The content of the file whose extents were added last, those of many moved out to lists; `below` as CachedEntry has
  // it.
  Content finish_extents(std::vector<ChunkId>& below);
  void count(const BackupItem& item);

  WriteSession& session_;
  const PageCutter& cutter_;
  FilesCacheWriter* const files_;
  BackupSummary& summary_;
  RunMonitor& monitor_;
  std::unique_ptr<WriteSession::ChunkStream> pages_;
  std::unique_ptr<WriteSession::ChunkStream> extent_lists_;
  TableBuilder tree_;
  ExtentListBuilder extents_;
  std::vector<ChunkId> below_;            // chunks and lists of the file whose extents are being added, for files_
  std::vector<OrdinalRange> own_places_;  // of pages and extent lists, until the batch is done
  RefSet references_;
  std::string shown_path_;
  // Content of files with several names, by (device, inode).
  struct LinkedFile {
    std::unique_ptr<Entry> entry;
    std::vector<ChunkId> below;
  };
  std::map<std::pair<std::uint64_t, std::uint64_t>, LinkedFile> linked_;
};

}  // namespace igudar
