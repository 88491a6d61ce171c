#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/buffer.h"
#include "base/bytes.h"
#include "format/pack.h"
#include "store/object_store.h"

namespace igudar {

// Where a sealed frame lies in its pack.
struct FrameSpan {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  std::uint64_t end() const { return offset + size; }
};

// Some frames of a pack, read together as far as they lie near each other, and verified by the pack's own block hashes:
// that needs no key.
//
// Thread safety: const methods may be called concurrently.
// Errors: damaged or truncated when the bytes are not those that were stored, not_found when the pack is gone; what
// else the store throws.
class VerifiedPack {
 public:
  // Reads the hashes. `frames` are sorted by their offsets.
  VerifiedPack(const ObjectStore& store, const PackName& name, std::uint64_t size, std::vector<FrameSpan> frames,
               std::stop_token stop);

  // Frames [first, last), and the blocks they lie in.
  struct Run {
    std::size_t first = 0, last = 0;
    std::uint64_t begin = 0, end = 0;  // in the pack
  };
  // As many frames from `first` on as are worth one read: about 4 MiB.
  Run run_from(std::size_t first) const;
  Run run_of(std::size_t frame) const { return run_of(frame, frame + 1); }
  std::size_t frame_count() const { return frames_.size(); }

  // Replaces `out` with the bytes of the run's blocks. They are there too when it throws damaged.
  void read(const Run& run, Buffer& out, std::stop_token stop) const;
  // A frame's bytes among those of a run.
  ByteView frame(const Run& run, std::size_t ordinal, const Buffer& bytes) const;

 private:
  Run run_of(std::size_t first, std::size_t last) const;

  const ObjectStore& store_;
  const ObjectName pack_;
  const std::vector<FrameSpan> frames_;
  Bytes hashes_;
  std::uint64_t end_ = 0;  // of what the hashes cover
};

}  // namespace igudar
