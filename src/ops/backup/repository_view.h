#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "ops/backup/backup_source.h"
#include "ops/snapshot_commit.h"
#include "repo/blob_index.h"
#include "repo/files_cache.h"
#include "repo/gc_state.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// What a backup takes for granted: one generation of garbage collection, and what the repository has under it: the
// index, the heads, and the snapshot that the run goes by (the parent). Rule W2 of docs/adr/0002-gc-protocol.md.
//
// Thread safety: const methods may be called concurrently, and not while it looks around; the index locks for itself.
class RepositoryView final : public WriterView {
 public:
  RepositoryView(const Repository& repository, const BackupOptions& options, const BackupSource& source);

  // Looks at everything afresh under `gc`, but for what was found lost. Call it once the lease is there. Throws
  // not_found or usage when the options ask for a parent that there is not.
  void look_around(GcState gc, const std::stop_token& stop) override;
  // Snapshots of this session were put by this run: none of them is a parent.
  void add_own_session(const SessionId& session) { own_sessions_.insert(session); }

  const GcState& gc() const override { return gc_; }
  BlobIndex& index() const override { return *index_; }
  std::vector<Id32> heads() const { return catalogue_->heads(); }
  // nullptr when there is none.
  const CataloguedSnapshot* parent() const { return parent_; }
  // What this machine kept of its last backup, where the slot cannot read the parent; else nullptr. That is used though
  // its snapshot was forgotten meanwhile: where every chunk lies is looked up anyway. For one thread.
  FilesCache* files_cache() const { return files_cache_.get(); }
  // Whose files cache is read, and written anew.
  FilesCacheName files_cache_name() const;

 private:
  const CataloguedSnapshot* choose_parent() const;
  const CataloguedSnapshot* choose_cached_parent() const;
  std::unique_ptr<FilesCache> open_files_cache() const;

  const Repository& repository_;
  const BackupOptions& options_;
  const BackupSource& source_;
  std::set<SessionId> own_sessions_;
  GcState gc_;
  std::optional<SnapshotCatalogue> catalogue_;
  std::unique_ptr<FilesCache> files_cache_;
  const CataloguedSnapshot* parent_ = nullptr;  // in the catalogue
  std::unique_ptr<BlobIndex> index_;
};

}  // namespace igudar
