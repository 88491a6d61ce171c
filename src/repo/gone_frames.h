#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "repo/blob_index.h"

namespace igudar {

// What packs held that the store does not list any more, as far as the index still tells: so that another copy of a
// chunk can be found in place of the one that a reference set names.
//
// Thread safety: const methods may be called concurrently. Memory: 32 bytes for each chunk of these packs.
class GoneFrames {
 public:
  // Reads the segments that name such packs from end to end.
  explicit GoneFrames(const BlobIndex& index);

  struct Chunk {
    ChunkId id;
    PackName pack;  // where it was
  };
  // The chunk that was stored as this; nullopt when no pack that is gone held it.
  std::optional<Chunk> find(const SessionId& session, std::uint32_t stream, std::uint64_t ordinal) const;

 private:
  struct Frame {
    SessionId session;
    std::uint32_t stream = 0;
    std::uint64_t first = 0;
    std::vector<ChunkId> chunks;
    PackName pack;
  };
  void add_segment(const BlobIndex::LoadedSegment& segment);

  std::vector<Frame> frames_;  // by session, stream and first
};

}  // namespace igudar
