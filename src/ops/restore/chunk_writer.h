#pragma once

#include "ops/restore/file_finisher.h"
#include "ops/restore/frame_run.h"
#include "ops/restore/restore_job.h"
#include "repo/frame_reader.h"

namespace igudar {

// The second stage of a restore, run by each worker thread: reads frames, opens and verifies them, and writes their
// chunks where they belong.
//
// Not thread-safe: one for each thread. Where a frame is damaged or missing, other copies of its chunks serve, and
// where a prune moved it, it is read from there. If there is none, the files that need it fail, each reported once, and
// the rest goes on.
class ChunkWriter {
 public:
  explicit ChunkWriter(const RestoreJob& job);

  void process(FrameRun& run, std::stop_token stop);

 private:
  // Reads the whole run at once; false when that cannot be, or is not worth it.
  bool read_together(const FrameRun& run, const std::stop_token& stop);
  void read_frame(const FrameRun& run, const FrameRun::Frame& frame, bool together, const std::stop_token& stop);
  void write_chunks(FrameRun::Frame& frame, const std::stop_token& stop);
  // The chunk's bytes in plain_, verified unless it is `verified`.
  ByteView chunk_of(const ChunkWrite& write, const ChunkId* verified);
  // `failure` is why the copy that was planned with cannot be used; `moved`: a prune may have moved it.
  void write_other_copy(const ChunkWrite& write, const Error& failure, bool moved, const std::stop_token& stop);
  void write_chunk(const ChunkWrite& write, ByteView chunk);
  void write_without_zeros(const ChunkWrite& write, int fd, ByteView chunk);
  void write_bytes(const RestoredFile& file, int fd, std::uint64_t offset, ByteView bytes);

  const RestoreJob& job_;
  const FileFinisher finisher_;
  FrameReader reader_;
  ChunkHasher hasher_;
  Buffer sealed_;
  Buffer plain_;
  ChunkReader copies_;
};

}  // namespace igudar
