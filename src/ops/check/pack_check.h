#pragma once

#include <optional>
#include <stop_token>

#include "format/pack.h"
#include "ops/check/index_check.h"
#include "repo/blob_index.h"

namespace igudar {

// A pack's own description, as far as it is sound: the work list of a scrub.
struct PackContents {
  struct Frame {
    std::uint64_t offset = 0;
    FrameInfo info;
    std::size_t first_chunk = 0;  // in `ids` and `sizes`
    std::uint64_t end() const { return offset + info.sealed_size(); }
  };

  SegmentPack pack;               // the size is the one listed
  std::uint64_t hashed_size = 0;  // bytes that `hashes` cover; 0 when those cannot be used
  Bytes hashes;
  std::vector<SessionRef> sessions;
  std::vector<Frame> frames;  // ascending by offset
  std::vector<ChunkId> ids;
  std::vector<std::uint32_t> sizes;
  bool sound = true;  // nothing was found wrong with it so far
};

// Reads what lies behind the frames of a listed pack and compares it with the index. Where the table of contents cannot
// be used the index serves for `frames`, and the other way round; what is damaged is said in `findings`. Of packs that
// the index does not know everything is a remark. Thread-safe.
PackContents check_pack(const Repository& repository, const BlobIndex& index, const IndexedPacks& indexed,
                        const ObjectInfo& object, Findings& findings, std::stop_token stop);

}  // namespace igudar
