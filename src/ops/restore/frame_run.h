#pragma once

#include <vector>

#include "concurrency/bounded_queue.h"
#include "ops/restore/restored_file.h"
#include "repo/reader_index.h"

namespace igudar {

// Frames that lie near each other in one pack, with the chunks that are wanted of them: what one read brings.
struct FrameRun {
  struct Frame {
    FrameLocation location;
    std::vector<ChunkWrite> writes;
  };
  std::shared_ptr<const BlobIndex> index;  // that has them there
  std::vector<Frame> frames;               // in the order of their offsets

  std::size_t bytes() const;
  // What the queue counts: the sealed bytes, and the files and writes that wait for them. Those of tiny files take
  // more.
  std::size_t memory_cost() const;
};
using FrameRunQueue = BoundedQueue<FrameRun>;

// Gathers the chunks that files lack, sorts them by where they lie and hands them out as runs.
//
// Not thread-safe. Memory: what is added between two calls of hand_out.
class FrameRunPlanner {
 public:
  FrameRunPlanner(ReaderIndex& newest, FrameRunQueue& runs) : newest_(newest), index_(newest.current()), runs_(runs) {}

  // Where the chunk of `extent` lies. Throws damaged when no pack has it.
  ChunkLocation locate(const Extent& extent, const std::stop_token& stop);
  // Plans it, for the file at `offset`. Throws the same.
  void add(const RestoredFilePtr& file, const Extent& extent, std::uint64_t offset, const std::stop_token& stop);
  // Whether as much is planned as is worth sorting at once.
  bool full() const;
  // Waits for room in the queue. What does not get there because of a stop is dropped.
  void hand_out(const std::stop_token& stop);

 private:
  struct PlannedWrite {
    ChunkLocation location;
    PackName pack;
    std::uint64_t pack_offset = 0;
    ChunkWrite write;
  };
  void push(FrameRun& run, const std::stop_token& stop);

  ReaderIndex& newest_;
  std::shared_ptr<const BlobIndex> index_;  // that the window was planned by
  FrameRunQueue& runs_;
  std::vector<PlannedWrite> window_;
};

}  // namespace igudar
