#pragma once

#include <vector>

#include "ops/restore/file_finisher.h"
#include "ops/restore/frame_run.h"
#include "ops/restore/restore_job.h"
#include "repo/extent_walk.h"

namespace igudar {

// Finds out which chunks each file lacks, and plans their reading. An existing file is read, and keeps what is right.
//
// Not thread-safe. Errors: what fails is reported; the rest goes on.
// Memory: 32,768 chunks or 16,384 files, whichever comes first, and one chunk.
class FilePlanner {
 public:
  FilePlanner(const RestoreJob& job, FrameRunQueue& runs);

  // `exists`: a file has the path already.
  void plan(const RestoredFilePtr& file, const Content& content, bool exists, const std::stop_token& stop);
  // Hands out what is planned. Call at the end.
  void flush(const std::stop_token& stop);

 private:
  // Returns how many chunks it lacks. `present`: the existing file, if it is to be kept.
  std::size_t plan_chunks(const RestoredFilePtr& file, const Content& content, int present,
                          const std::stop_token& stop);
  bool has_chunk(int fd, const VisitedExtent& visited);

  const RestoreJob& job_;
  const FileFinisher finisher_;
  FrameRunPlanner runs_;
  ChunkReader lists_;
  KeyedHash hasher_;
  Buffer present_chunk_;
  std::vector<RestoredFilePtr> open_files_;  // keeps a claim on each file until all of it is handed out
};

}  // namespace igudar
