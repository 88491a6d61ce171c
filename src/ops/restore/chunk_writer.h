#pragma once

#include <vector>

#include "ops/restore/restore.h"
#include "ops/restore/restored_file.h"
#include "repo/frame_reader.h"

namespace igudar {

// Frames that lie near each other in one pack, with the chunks that are wanted of them: what one read brings.
struct FrameRun {
  struct Frame {
    FrameLocation location;
    std::vector<ChunkWrite> writes;
  };
  std::vector<Frame> frames;  // in the order of their offsets
  // What the queue counts: the sealed bytes, and the files and writes that wait for them. Those of tiny files take more.
  std::size_t memory_cost() const {
    constexpr std::size_t kCostOfWrite = sizeof(ChunkWrite) + sizeof(RestoredFile) + 256;
    std::size_t cost = bytes();
    for (const Frame& frame : frames) cost += frame.writes.size() * kCostOfWrite;
    return cost;
  }
  std::size_t bytes() const { return frames.empty() ? 0 : static_cast<std::size_t>(frames.back().location.offset + frames.back().location.info.sealed_size() - frames.front().location.offset); }
};

struct RestoreCounters {
  std::atomic<std::uint64_t> files{0};
  std::atomic<std::uint64_t> bytes_written{0};
  std::atomic<std::uint64_t> bytes_verified{0};
  std::atomic<std::uint64_t> problems{0};
};

// The second stage of a restore, run by each worker thread: reads frames, opens and verifies them, and writes their
// chunks where they belong.
//
// Not thread-safe: one for each thread. A damaged or missing frame fails the files that need it, each reported once; the
// rest goes on.
class ChunkWriter {
 public:
  ChunkWriter(const Repository& repository, SafeTree& tree, const RestoreOptions& options, const ApplyOptions& apply,
              RestoreCounters& counters, RunMonitor& monitor);

  void process(FrameRun& run, std::stop_token stop);
  // Gives up the planner's claim on a file; finishes it when that was the last.
  void release(RestoredFile& file) { chunk_done(file); }
  // A file without a single chunk to write: made, or only given its metadata.
  void finish_without_chunks(RestoredFile& file);

 private:
  void write_chunks(FrameRun::Frame& frame);
  void write_chunk(const ChunkWrite& write, ByteView chunk);
  void write_bytes(RestoredFile& file, int fd, std::uint64_t offset, ByteView bytes);
  void fail(RestoredFile& file, const Error& error);
  void chunk_done(RestoredFile& file);
  void finish(RestoredFile& file, int fd);

  const Repository& repository_;
  SafeTree& tree_;
  const RestoreOptions& options_;
  const ApplyOptions& apply_;
  RestoreCounters& counters_;
  RunMonitor& monitor_;
  FrameReader reader_;
  KeyedHash hasher_;
  Buffer sealed_;
  Buffer plain_;
};

// Opens the file that `file` is to become: new and empty, or the existing one for an update, `size` bytes long.
UniqueFd open_restored_file(SafeTree& tree, const RestoredFile& file);

}  // namespace igudar
