#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "ops/restore/file_finisher.h"
#include "ops/restore/frame_run.h"
#include "ops/restore/restore_job.h"
#include "repo/extent_walk.h"

namespace igudar {

// Finds out which chunks each file lacks, and plans their reading. An existing file is read, and keeps what is right.
// One that cannot be updated in place, having further names or being immutable, is left untouched if it is all that the
// snapshot says, and else made anew.
//
// In a dry run it compares, counts and reports all the same, but plans nothing.
//
// Not thread-safe. Errors: what fails is reported; the rest goes on.
// Memory: 32,768 chunks or 16,384 files, whichever comes first, one chunk, and the inode of each file with further
// names that was left.
class FilePlanner {
 public:
  FilePlanner(const RestoreJob& job, FrameRunQueue& runs);

  // `there`: what has the path already. True when that is the file, and needs nothing written.
  bool plan(const RestoredFilePtr& file, const Content& content, const std::optional<FileStat>& there,
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
  // Whether what is there, and cannot be updated in place, needs no update.
  bool is_right_already(const RestoredFile& file, const Content& content, const std::stop_token& stop);
  void plan_chunk(const RestoredFilePtr& file, const VisitedExtent& visited, const std::stop_token& stop);
  bool has_chunk(int fd, const VisitedExtent& visited);
  bool is_zero(int fd, const VisitedExtent& hole);
  void count_untouched(const RestoredFile& file) const;
  void count_dry_run(const RestoredFile& file, bool unchanged) const;

  const RestoreJob& job_;
  const FileFinisher finisher_;
  FrameRunPlanner runs_;
  ChunkReader lists_;
  ChunkHasher hasher_;
  Buffer present_chunk_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> untouched_;  // by device and inode
  std::vector<RestoredFilePtr> open_files_;  // keeps a claim on each file until all of it is handed out
};

}  // namespace igudar
