#include "ops/backup/repository_view.h"

#include "base/translate.h"
#include "ops/snapshot_selection.h"

namespace igudar {

RepositoryView::RepositoryView(const Repository& repository, const BackupOptions& options, const BackupSource& source)
    : repository_(repository), options_(options), source_(source) {}

void RepositoryView::look_around(GcState gc, const std::stop_token& stop) {
  gc_ = std::move(gc);
  catalogue_ = SnapshotCatalogue::load(repository_, CatalogueSource::cache, stop, Descriptions::closed);
  files_cache_ = open_files_cache();
  parent_ = choose_parent();
  const auto lost = index_ ? index_->lost() : std::set<BlobIndex::FramePlace>();
  index_ = BlobIndex::load(repository_, gc_.condemned, {}, stop);
  index_->set_lost(lost);
}

const CataloguedSnapshot* RepositoryView::choose_parent() const {
  if (options_.force) return nullptr;
  if (!repository_.keys().can_read()) return choose_cached_parent();
  if (!options_.parent.empty()) return &select_snapshot(*catalogue_, options_.parent, {});
  const FilesCacheName wanted = files_cache_name();
  return catalogue_->latest([&](const CataloguedSnapshot& each) {
    return each.snapshot.host_key == wanted.host && each.snapshot.paths_key == wanted.paths &&
           !own_sessions_.contains(each.snapshot.session.id);
  });
}

const CataloguedSnapshot* RepositoryView::choose_cached_parent() const {
  const CataloguedSnapshot* parent = files_cache_ ? catalogue_->get(files_cache_->snapshot()) : nullptr;
  if (!options_.parent.empty() && &select_snapshot(*catalogue_, options_.parent, {}) != parent)
    throw Error(ErrorCode::permission,
                tr("this key slot cannot read snapshots, and this machine kept nothing of that one"),
                tr("Leave out --parent: the backup is compared with the last one that this machine made."));
  return parent;
}

std::unique_ptr<FilesCache> RepositoryView::open_files_cache() const {
  if (options_.force || repository_.keys().can_read()) return nullptr;
  std::optional<FilesCache> cache = FilesCache::open(repository_, files_cache_name());
  return cache ? std::make_unique<FilesCache>(std::move(*cache)) : nullptr;
}

FilesCacheName RepositoryView::files_cache_name() const {
  return {host_group_key(repository_.keys().index_keys().oldest(), source_.host),
          paths_group_key(repository_.keys().index_keys().oldest(), source_.paths)};
}

}  // namespace igudar
