#pragma once

#include "ops/restore/file_finisher.h"
#include "ops/restore/frame_run.h"
#include "ops/restore/restore_job.h"
#include "repo/frame_reader.h"

namespace igudar {

// The second stage of a restore, run by each worker thread: reads frames, opens and verifies them, and writes their
// chunks where they belong.
//
// Not thread-safe: one for each thread. A damaged or missing frame fails the files that need it, each reported once;
// the rest goes on. A frame that a prune moved is no missing one.
class ChunkWriter {
 public:
  explicit ChunkWriter(const RestoreJob& job);

  void process(FrameRun& run, std::stop_token stop);

 private:
  // Reads the whole run at once; false when that cannot be, or is not worth it.
  bool read_together(const FrameRun& run, const std::stop_token& stop);
  // R2: what lay in a pack that is gone, from where a newer index has it.
  void write_moved(FrameRun::Frame& lost, const Error& error, const std::stop_token& stop);
  void give_up(ChunkWrite& write, const Error& error) const;
  void write_chunks(FrameRun::Frame& frame);
  void write_chunk(const ChunkWrite& write, ByteView chunk);
  void write_without_zeros(const ChunkWrite& write, int fd, ByteView chunk);
  void write_bytes(const RestoredFile& file, int fd, std::uint64_t offset, ByteView bytes);

  const RestoreJob& job_;
  const FileFinisher finisher_;
  FrameReader reader_;
  KeyedHash hasher_;
  Buffer sealed_;
  Buffer plain_;
};

}  // namespace igudar
