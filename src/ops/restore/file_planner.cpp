#include "ops/restore/file_planner.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

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
bool FilePlanner::plan(const RestoredFilePtr& file, const Content& content, const std::optional<FileStat>& there,
                       const std::stop_token& stop) {
  file->chunks_left = 1;
  const UniqueFd present = there && there->is_file() ? job_.target.tree->open_for_update(file->path) : UniqueFd();
  file->in_place = present.valid();
  Differences found;
  try {
    if (there && there->is_file() && !file->in_place && is_right_already(*file, content, stop)) {
      count_untouched(*file);
      return true;
    }
    if (job_.options.dry_run && there && !file->in_place)
      job_.target.tree->require_removable(file->path, *there, job_.target.in_the_way);
    found = plan_chunks(file, content, present.get(), stop);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    finisher_.fail(*file, error);
  }
  const bool unchanged = found.chunks == 0 && !found.others;
  if (job_.options.dry_run) {
    count_dry_run(*file, unchanged);
  } else if (found.chunks > 0 || file->failed) {
    open_files_.push_back(file);
    if (open_files_.size() >= kMostOpenFiles || runs_.full()) flush(stop);
  } else if (unchanged) {
    finisher_.finish_unchanged(*file, present.get());
  } else {
    finisher_.finish_without_chunks(*file);
  }
  return unchanged && !file->failed;
}

// An inode that was left for one file of the snapshot cannot be another one's as well: they would change together.
bool FilePlanner::is_right_already(const RestoredFile& file, const Content& content, const std::stop_token& stop) {
  const UniqueFd present = job_.target.tree->open_for_reading(file.path);
  const std::optional<FileStat> found = present.valid() ? read_stat(present.get(), "") : std::nullopt;
  if (!found || found->size != file.meta.size) return false;
  const std::pair inode(found->device, found->inode);
  if (untouched_.contains(inode) || !has_metadata(present.get(), file.meta, job_.target.apply)) return false;
  const auto is_same = [&](const VisitedExtent& visited) {
    if (visited.level > 0) return true;
    return visited.extent.chunk ? has_chunk(present.get(), visited) : is_zero(present.get(), visited);
  };
  if (!visit_extents(content, lists_, is_same, stop)) return false;
  if (found->links > 1) untouched_.insert(inode);
  return true;
}

FilePlanner::Differences FilePlanner::plan_chunks(const RestoredFilePtr& file, const Content& content, int present,
                                                  const std::stop_token& stop) {
  const std::optional<FileStat> before = file->in_place ? read_stat(present, "") : std::nullopt;
  Differences found;
  found.others = !before || before->size != file->meta.size;
  const auto plan_extent = [&](const VisitedExtent& visited) {
    if (visited.level > 0) return true;
    if (!visited.extent.chunk) {
      found.others = found.others || !is_zero(present, visited);
      if (file->in_place && !job_.options.dry_run) punch_hole(present, visited);
    } else if (file->in_place && has_chunk(present, visited)) {
      job_.report.monitor().advance(0, visited.extent.size);
    } else {
      ++found.chunks;
      plan_chunk(file, visited, stop);
    }
    return true;
  };
  visit_extents(content, lists_, plan_extent, stop);
  return found;
}

void FilePlanner::plan_chunk(const RestoredFilePtr& file, const VisitedExtent& visited, const std::stop_token& stop) {
  if (job_.options.dry_run) {
    static_cast<void>(runs_.locate(visited.extent, stop));
    job_.report.counters().bytes_written += visited.extent.size;
    job_.report.monitor().advance(0, visited.extent.size);
    return;
  }
  runs_.add(file, visited.extent, visited.offset, stop);
  if (runs_.full()) flush(stop);
}

void FilePlanner::count_untouched(const RestoredFile& file) const {
  ++job_.report.counters().files_unchanged;
  job_.report.monitor().advance(1, file.meta.size);
}

void FilePlanner::count_dry_run(const RestoredFile& file, bool unchanged) const {
  if (!file.failed) {
    ++(unchanged ? job_.report.counters().files_unchanged : job_.report.counters().files);
    if (!unchanged) job_.report.monitor().item(file.path, "restored", file.meta.size);
  }
  job_.report.monitor().advance(1, 0);
}

bool FilePlanner::has_chunk(int fd, const VisitedExtent& visited) {
  if (visited.extent.size > kLargestChunk) return false;
  present_chunk_.resize(static_cast<std::size_t>(visited.extent.size));
  std::size_t done = 0;
  return read_fully_at(fd, visited.offset, present_chunk_.span(), done) == 0 && done == visited.extent.size &&
         hasher_.id(ChunkType::data, present_chunk_.view()) == *visited.extent.chunk;
}

bool FilePlanner::is_zero(int fd, const VisitedExtent& hole) {
  constexpr std::uint64_t kPiece = 1U << 20;
  const std::uint64_t end = hole.offset + hole.extent.size;
  for (std::uint64_t at = hole.offset; at < end;) {
    const off_t data = ::lseek(fd, static_cast<off_t>(at), SEEK_DATA);
    if (data < 0 && errno == ENXIO) return true;
    if (data >= 0) at = static_cast<std::uint64_t>(data);
    if (at >= end) return true;
    present_chunk_.resize(static_cast<std::size_t>(std::min(kPiece, end - at)));
    std::size_t done = 0;
    if (read_fully_at(fd, at, present_chunk_.span(), done) != 0) return false;
    if (!all_zero(present_chunk_.view().first(done))) return false;
    if (done < present_chunk_.size()) return true;
    at += done;
  }
  return true;
}

void FilePlanner::flush(const std::stop_token& stop) {
  runs_.hand_out(stop);
  // The claims go last; a file whose chunks were all written meanwhile is finished here.
  for (const RestoredFilePtr& file : std::exchange(open_files_, {})) finisher_.chunk_done(*file);
}

}  // namespace igudar
