#pragma once

#include <set>

#include "format/refset.h"
#include "repo/blob_index.h"

namespace igudar {

// Frames that are to go, though some of their chunks are needed: those that something erased lies in, or that were
// sealed with what is no longer trusted. They are known by what they hold, so that it does not matter where a prune
// moves them meanwhile.
//
// Not thread-safe. Memory: 8 KiB for each block of 65,536 chunks that any of them is in.
class DoomedFrames {
 public:
  void add(const SessionId& session, const FrameInfo& frame) {
    ordinals_.add_range(session, frame.stream, frame.first_ordinal, frame.chunks);
  }
  bool contains(const SessionId& session, const FrameInfo& frame) const {
    return ordinals_.contains_any(session, frame.stream, frame.first_ordinal, frame.chunks);
  }
  bool empty() const { return ordinals_.blocks().empty(); }
  // Whether a snapshot needs anything that lies in them, by what its reference set names.
  bool any_named_by(const RefSet& references) const;

  // Makes the index count them as lost, so that a writer who goes by it stores anew what it needs of them.
  void hide_in(BlobIndex& index) const;
  // The packs that have any of them.
  std::set<PackName> packs(const BlobIndex& index) const;

 private:
  RefSet ordinals_;
};

}  // namespace igudar
