#pragma once

#include <memory>
#include <optional>

#include "ops/doomed_frames.h"
#include "ops/snapshot_commit.h"
#include "repo/frame_reader.h"

namespace igudar {

// What the rewriting of snapshots takes for granted: one generation of garbage collection, the snapshots, and the index
// under it twice: one to read by, and one to write by, in which doomed frames count as lost.
//
// Not thread-safe, but for what the indexes allow.
class RewritingView final : public WriterView {
 public:
  explicit RewritingView(const Repository& repository) : repository_(repository) {}

  // Call it once the lease is there.
  void look_around(GcState gc, const std::stop_token& stop) override;
  // From now on these frames are not to be relied on.
  void doom(DoomedFrames frames);

  const GcState& gc() const override { return gc_; }
  BlobIndex& index() const override { return *writing_; }
  BlobIndex& readable() const { return *reading_; }
  const SnapshotCatalogue& catalogue() const { return *catalogue_; }
  // Whether the snapshot needs anything that lies in frames that are not to be relied on.
  bool needs_doomed(const Snapshot& snapshot, const std::stop_token& stop) const;

 private:
  const Repository& repository_;
  GcState gc_;
  DoomedFrames doomed_;
  std::optional<SnapshotCatalogue> catalogue_;
  std::unique_ptr<BlobIndex> reading_;
  std::unique_ptr<BlobIndex> writing_;
};

}  // namespace igudar
