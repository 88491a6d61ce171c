#pragma once

#include <vector>

#include "ops/restore/file_finisher.h"
#include "ops/restore/frame_run.h"
#include "ops/restore/restore_job.h"
#include "repo/extent_walk.h"

namespace igudar {

// Finds out which chunks each file lacks, and plans their reading. An existing file is read, and keeps what is right.
//
// In a dry run it compares, counts and reports all the same, but plans nothing.
//
// Not thread-safe. Errors: what fails is reported; the rest goes on.
// Memory: 32,768 chunks or 16,384 files, whichever comes first, and one chunk.
class FilePlanner {
 public:
  FilePlanner(const RestoreJob& job, FrameRunQueue& runs);

  // `there`: what has the path already.
  void plan(const RestoredFilePtr& file, const Content& content, const std::optional<FileStat>& there,
            const std::stop_token& stop);
  // Hands out what is planned. Call at the end.
  void flush(const std::stop_token& stop);

 private:
  struct Differences {
    std::uint64_t chunks = 0;  // that have to be written
    bool others = false;       // it is new, of another size, or has content where the snapshot has a hole
  };
  // `present`: the existing file, if it is to be kept.
  Differences plan_chunks(const RestoredFilePtr& file, const Content& content, int present,
                          const std::stop_token& stop);
  void plan_chunk(const RestoredFilePtr& file, const VisitedExtent& visited, const std::stop_token& stop);
  bool has_chunk(int fd, const VisitedExtent& visited);
  bool is_zero(int fd, const VisitedExtent& hole);
  void count_dry_run(const RestoredFile& file, bool unchanged) const;

  const RestoreJob& job_;
  const FileFinisher finisher_;
  FrameRunPlanner runs_;
  ChunkReader lists_;
  ChunkHasher hasher_;
  Buffer present_chunk_;
  std::vector<RestoredFilePtr> open_files_;  // keeps a claim on each file until all of it is handed out
};

}  // namespace igudar
