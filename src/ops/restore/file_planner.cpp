#include "ops/restore/file_planner.h"

#include <fcntl.h>

#include "base/descriptor_io.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::size_t kMostOpenFiles = 16 * 1024;

// What is there in the place of a hole must go.
void punch_hole(int fd, const VisitedExtent& hole) {
  if (::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(hole.offset),
                  static_cast<off_t>(hole.extent.size)) != 0)
    throw Error(ErrorCode::unsupported, tr("the file system cannot punch holes into the existing file"),
                tr("Remove the file and restore it again."));
}

}  // namespace

FilePlanner::FilePlanner(const RestoreJob& job, FrameRunQueue& runs)
    : job_(job),
      finisher_(job.target, job.report),
      runs_(*job.source.index, runs),
      lists_(job.source.repository, *job.source.index),
      hasher_(job.source.repository.keys().chunk_hasher()) {}

// One claim on the file is held until all its chunks are planned, so that no worker finishes it before.
void FilePlanner::plan(const RestoredFilePtr& file, const Content& content, bool exists, const std::stop_token& stop) {
  file->chunks_left = 1;
  const UniqueFd present = exists ? job_.target.tree->open_for_update(file->path) : UniqueFd();
  file->in_place = present.valid();
  std::size_t lacking = 0;
  try {
    lacking = plan_chunks(file, content, present.get(), stop);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    finisher_.fail(*file, error);
  }
  if (lacking == 0 && !file->failed)
    return file->in_place ? finisher_.finish_unchanged(*file, present.get()) : finisher_.finish_without_chunks(*file);
  open_files_.push_back(file);
  if (open_files_.size() >= kMostOpenFiles || runs_.full()) flush(stop);
}

std::size_t FilePlanner::plan_chunks(const RestoredFilePtr& file, const Content& content, int present,
                                     const std::stop_token& stop) {
  std::size_t lacking = 0;
  const auto plan_extent = [&](const VisitedExtent& visited) {
    if (visited.level > 0) return true;
    if (!visited.extent.chunk) {
      if (file->in_place) punch_hole(present, visited);
    } else if (file->in_place && has_chunk(present, visited)) {
      job_.report.monitor().advance(0, visited.extent.size);
    } else {
      ++lacking;
      runs_.add(file, visited.extent, visited.offset, stop);
      if (runs_.full()) flush(stop);
    }
    return true;
  };
  visit_extents(content, lists_, plan_extent, stop);
  return lacking;
}

bool FilePlanner::has_chunk(int fd, const VisitedExtent& visited) {
  if (visited.extent.size > kLargestChunk) return false;
  present_chunk_.resize(static_cast<std::size_t>(visited.extent.size));
  std::size_t done = 0;
  return read_fully_at(fd, visited.offset, present_chunk_.span(), done) == 0 && done == visited.extent.size &&
         hasher_.hash(static_cast<std::uint8_t>(ChunkType::data), present_chunk_.view()) == *visited.extent.chunk;
}

void FilePlanner::flush(const std::stop_token& stop) {
  runs_.hand_out(stop);
  // The claims go last; a file whose chunks were all written meanwhile is finished here.
  for (const RestoredFilePtr& file : std::exchange(open_files_, {})) finisher_.chunk_done(*file);
}

}  // namespace igudar
