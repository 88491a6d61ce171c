#include "ops/rewriting_view.h"

#include "ops/stored_references.h"

namespace igudar {

void RewritingView::look_around(GcState gc, const std::stop_token& stop) {
  gc_ = std::move(gc);
  catalogue_ = SnapshotCatalogue::load(repository_, CatalogueSource::cache, stop);
  const auto lost = writing_ ? writing_->lost() : std::set<BlobIndex::FramePlace>();
  reading_ = BlobIndex::load(repository_, gc_.condemned, {}, stop);
  writing_ = BlobIndex::load(repository_, gc_.condemned, {}, stop);
  writing_->set_lost(lost);
  doomed_.hide_in(*writing_);
}

bool RewritingView::needs_doomed(const Snapshot& snapshot, const std::stop_token& stop) const {
  return !doomed_.empty() &&
         doomed_.any_named_by(read_references(repository_, *writing_, snapshot.refset, snapshot.refset_pages, stop));
}

void RewritingView::doom(DoomedFrames frames) {
  doomed_ = std::move(frames);
  doomed_.hide_in(*writing_);
}

}  // namespace igudar
