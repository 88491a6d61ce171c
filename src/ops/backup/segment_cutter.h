#pragma once

#include <cstddef>
#include <vector>

#include "base/buffer.h"
#include "chunking/fast_cdc.h"

namespace igudar {

// Cuts one large file on several threads so that the cuts equal those of a sequential run.
//
// The file is divided into segments. Each thread cuts its own segment as if a chunk began at its start, then learns
// from the segment before where a chunk really began (the tail: the bytes after the last true cut), and cuts on from
// there until it meets one of its own guesses: from there on both agree for ever, since a cut depends only on where its
// chunk starts. The heavy work on the chunks comes after the tail was handed on, so all cores stay busy.
//
// Not thread-safe: one for each thread, used again for each segment.
class SegmentCutter {
 public:
  explicit SegmentCutter(const FastCdc& cdc);

  // Where to put the `size` bytes of a segment before cutting. Valid until the next call; one for fewer bytes keeps
  // these.
  MutableByteView segment(std::size_t size);
  // First step: guesses. `at_end`: nothing follows this segment.
  void guess(bool at_end);
  // Second step: the true cuts, `tail` being the bytes between the last true cut and the start of this segment.
  void resolve(ByteView tail);

  // The chunks that end in this segment, in order: valid until the next segment().
  const std::vector<ByteView>& chunks() const { return chunks_; }
  // The bytes after the last of them, to be handed to the next segment. Empty when at the end.
  ByteView tail() const { return tail_; }

 private:
  const FastCdc& cdc_;
  const std::size_t room_;  // before the segment, for the tail: the largest chunk
  Buffer buffer_;
  std::size_t size_ = 0;
  bool at_end_ = false;
  std::vector<std::size_t> guesses_;  // ends of chunks, as positions in the buffer, ascending
  std::vector<ByteView> chunks_;
  ByteView tail_;
};

}  // namespace igudar
