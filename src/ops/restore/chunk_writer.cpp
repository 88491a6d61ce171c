#include "ops/restore/chunk_writer.h"

#include <algorithm>
#include <cstring>

#include "base/descriptor_io.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::size_t kZeroBlock = 4096;

}  // namespace

ChunkWriter::ChunkWriter(const RestoreJob& job)
    : job_(job),
      finisher_(job.target, job.report),
      reader_(job.source.repository),
      hasher_(job.source.repository.keys().chunk_hasher()),
      copies_(job.source.repository, *job.source.index) {}

void ChunkWriter::process(FrameRun& run, std::stop_token stop) {
  const bool together = read_together(run, stop);
  for (FrameRun::Frame& frame : run.frames) {
    if (stop.stop_requested()) return;
    try {
      read_frame(run, frame, together, stop);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      // R2: what a prune moved is not lost.
      const bool moved = error.code() == ErrorCode::not_found &&
                         job_.source.index->look_again(run.index, ReaderIndex::Missing::pack, stop);
      for (const ChunkWrite& write : frame.writes) write_other_copy(write, error, moved, stop);
      continue;
    }
    write_chunks(frame, stop);
  }
}

bool ChunkWriter::read_together(const FrameRun& run, const std::stop_token& stop) {
  if (run.frames.size() < 2) return false;
  const FrameLocation& first = run.frames.front().location;
  try {
    sealed_.resize(run.bytes());
    job_.source.repository.store().get_range(pack_object(first.pack.name), first.offset, sealed_.span(), stop);
    return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    return false;  // one by one, so that only what is really lost fails
  }
}

// Into plain_; out of sealed_ when the run was read together.
void ChunkWriter::read_frame(const FrameRun& run, const FrameRun::Frame& frame, bool together,
                             const std::stop_token& stop) {
  const FrameLocation& location = frame.location;
  if (!together) return reader_.read(location, plain_, stop);
  const auto begin = static_cast<std::size_t>(location.offset - run.frames.front().location.offset);
  const auto size = static_cast<std::size_t>(location.info.sealed_size());
  reader_.open(location, sealed_.view().subspan(begin, size), plain_);
}

ByteView ChunkWriter::chunk_of(const ChunkWrite& write, const ChunkId* verified) {
  const ByteView plain = plain_.view();
  if (write.frame_offset > plain.size() || write.size > plain.size() - write.frame_offset)
    throw Error(ErrorCode::damaged, tr("a chunk lies outside its frame"));
  const ByteView chunk = plain.subspan(write.frame_offset, write.size);
  if ((verified == nullptr || *verified != write.id) && hasher_.id(ChunkType::data, chunk) != write.id)
    throw Error(ErrorCode::damaged, tr("a chunk does not have the content its id names"));
  return chunk;
}

void ChunkWriter::write_chunks(FrameRun::Frame& frame, const std::stop_token& stop) {
  const ChunkId* verified = nullptr;  // the same chunk often serves several files
  for (const ChunkWrite& write : frame.writes) {
    ByteView chunk;
    try {
      chunk = chunk_of(write, verified);
    } catch (const Error& error) {
      write_other_copy(write, error, false, stop);
      continue;
    }
    verified = &write.id;
    try {
      if (!write.file->failed) write_chunk(write, chunk);
    } catch (const Error& error) {
      finisher_.fail(*write.file, error);
    }
    finisher_.chunk_done(*write.file);
  }
}

void ChunkWriter::write_other_copy(const ChunkWrite& write, const Error& failure, bool moved,
                                   const std::stop_token& stop) {
  try {
    if (!moved && job_.source.index->current()->copies(write.id).size() < 2) throw Error(failure);
    const ByteView chunk = copies_.read(ChunkType::data, write.id, stop);
    if (chunk.size() != write.size) throw Error(failure);
    if (!moved) job_.report.lost_copy(failure);
    if (!write.file->failed) write_chunk(write, chunk);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    finisher_.fail(*write.file, error);
  }
  finisher_.chunk_done(*write.file);
}

void ChunkWriter::write_chunk(const ChunkWrite& write, ByteView chunk) {
  const RestoredFile& file = *write.file;
  const int fd = write.file->fd.with([&](UniqueFd& open) {
    if (!open.valid()) {
      job_.report.monitor().current(file.path);
      open = finisher_.open(file);
      if (file.in_place || write.size != file.meta.size) finisher_.set_size(file, open.get());
    }
    return open.get();
  });
  if (job_.options.sparse && !file.in_place) {
    write_without_zeros(write, fd, chunk);
  } else {
    write_bytes(file, fd, write.file_offset, chunk);
  }
  job_.report.monitor().advance(0, chunk.size());
}

void ChunkWriter::write_without_zeros(const ChunkWrite& write, int fd, ByteView chunk) {
  const auto block = [&](std::size_t from) { return chunk.subspan(from, std::min(kZeroBlock, chunk.size() - from)); };
  for (std::size_t at = 0; at < chunk.size();) {
    std::size_t end = at;
    while (end < chunk.size() && !all_zero(block(end))) end += block(end).size();
    write_bytes(*write.file, fd, write.file_offset + at, chunk.subspan(at, end - at));
    while (end < chunk.size() && all_zero(block(end))) end += block(end).size();
    at = end;
  }
  // A file of one chunk that ends in zeros still has its whole length.
  if (write.size == write.file->meta.size) finisher_.set_size(*write.file, fd);
}

void ChunkWriter::write_bytes(const RestoredFile& file, int fd, std::uint64_t offset, ByteView bytes) {
  job_.report.counters().bytes_written += bytes.size();
  if (const int error = write_fully_at(fd, offset, bytes); error != 0)
    throw_errno(error, trf("cannot write {}", job_.target.tree->full_path(file.path)));
}

}  // namespace igudar
