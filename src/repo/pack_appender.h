#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/buffer.h"
#include "crypto/hash.h"
#include "format/index_segment.h"
#include "repo/repository.h"

namespace igudar {

// A sealed frame on its way into a pack, with the chunks it holds.
struct SealedFrame {
  FrameInfo info;  // info.session is filled in by the pack
  Buffer sealed;
  std::vector<ChunkId> ids;
  std::vector<std::uint32_t> sizes;
};

// Writes frames into packs, one open pack of each type, and tells the index of the finished ones.
//
// Not thread-safe. Errors: a pack that could not be written to vanishes with all that went into it, and so the run that
// it was for is lost. Durability: a pack is finished with Durability::deferred; the store's flush() makes it durable
// and visible. Destroyed with open packs, those vanish.
class PackAppender {
 public:
  explicit PackAppender(const Repository& repository);
  ~PackAppender();

  // Appends a frame of `session` (its ids and sizes are moved away, the sealed buffer stays the caller's to use again).
  void append(const SessionRef& session, SealedFrame& frame, std::stop_token stop);
  // Finishes the open packs, though they are not full.
  void finish_packs(std::stop_token stop);
  // The packs finished since the last call, as a segment to be sorted and stored once they are durable.
  IndexSegment take_finished();
  std::size_t finished_chunks() const { return finished_.chunks.size(); }
  std::uint64_t stored_bytes() const { return stored_bytes_; }

 private:
  struct OpenPack;
  std::unique_ptr<OpenPack>& open_of(PackType type) { return open_[type == PackType::data ? 0 : 1]; }
  std::unique_ptr<OpenPack> take_pack(PackType type, std::stop_token stop);
  void finish(std::unique_ptr<OpenPack> pack, std::stop_token stop);

  const Repository& repository_;
  std::unique_ptr<OpenPack> open_[2];
  IndexSegment finished_;
  std::uint64_t stored_bytes_ = 0;
};

}  // namespace igudar
