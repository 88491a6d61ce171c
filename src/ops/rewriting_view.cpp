#include "ops/rewriting_view.h"

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

void RewritingView::doom(DoomedFrames frames) {
  doomed_ = std::move(frames);
  doomed_.hide_in(*writing_);
}

}  // namespace igudar
