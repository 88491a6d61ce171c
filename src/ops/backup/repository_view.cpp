#include "ops/backup/repository_view.h"

#include "ops/snapshot_selection.h"

namespace igudar {

RepositoryView::RepositoryView(const Repository& repository, const BackupOptions& options, const BackupSource& source)
    : repository_(repository), options_(options), source_(source) {}

void RepositoryView::look_around(GcState gc, const std::stop_token& stop) {
  gc_ = std::move(gc);
  catalogue_ = SnapshotCatalogue::load(repository_, CatalogueSource::cache, stop);
  parent_ = choose_parent();
  const auto lost = index_ ? index_->lost() : std::set<BlobIndex::FramePlace>();
  index_ = BlobIndex::load(repository_, gc_.condemned, {}, stop);
  index_->set_lost(lost);
}

const CataloguedSnapshot* RepositoryView::choose_parent() const {
  if (options_.force) return nullptr;
  if (!options_.parent.empty()) return &select_snapshot(*catalogue_, options_.parent, {});
  const Id16 host = host_group_key(repository_.keys().index_key(), source_.host);
  const Id16 paths = paths_group_key(repository_.keys().index_key(), source_.paths);
  return catalogue_->latest([&](const CataloguedSnapshot& each) {
    return each.snapshot.host_key == host && each.snapshot.paths_key == paths &&
           !own_sessions_.contains(each.snapshot.session);
  });
}

}  // namespace igudar
