#include "ops/restore/chunk_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::size_t kZeroBlock = 4096;

bool all_zero(ByteView bytes) {
  return bytes.empty() || (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

UniqueFd open_restored_file(SafeTree& tree, const RestoredFile& file) {
  UniqueFd fd = file.in_place ? tree.open_for_update(file.path) : UniqueFd();
  if (!fd.valid()) fd = tree.create_file(file.path, file.in_the_way);
  return fd;
}

ChunkWriter::ChunkWriter(const Repository& repository, SafeTree& tree, const RestoreOptions& options, const ApplyOptions& apply,
                         RestoreCounters& counters, RunMonitor& monitor)
    : repository_(repository), tree_(tree), options_(options), apply_(apply), counters_(counters), monitor_(monitor),
      reader_(repository), hasher_(repository.keys().chunk_hasher()) {}

void ChunkWriter::process(FrameRun& run, std::stop_token stop) {
  const std::uint64_t start = run.frames.front().location.offset;
  bool together = run.frames.size() > 1;
  if (together) {
    try {
      sealed_.resize(run.bytes());
      repository_.store().get_range(pack_object(run.frames.front().location.pack.name), start, sealed_.span(), stop);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      together = false;  // one by one, so that only what is really lost fails
    }
  }
  for (FrameRun::Frame& frame : run.frames) {
    if (stop.stop_requested()) return;
    try {
      const FrameLocation& location = frame.location;
      if (together) {
        reader_.open(location, sealed_.view().subspan(static_cast<std::size_t>(location.offset - start), static_cast<std::size_t>(location.info.sealed_size())), plain_);
      } else {
        reader_.read(location, plain_, stop);
      }
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      for (ChunkWrite& write : frame.writes) {
        fail(*write.file, error);
        chunk_done(*write.file);
      }
      continue;
    }
    write_chunks(frame);
  }
}

void ChunkWriter::write_chunks(FrameRun::Frame& frame) {
  const ByteView plain = plain_.view();
  const Id32* verified = nullptr;  // the same chunk often serves several files
  for (ChunkWrite& write : frame.writes) {
    try {
      if (write.frame_offset > plain.size() || write.size > plain.size() - write.frame_offset)
        throw Error(ErrorCode::damaged, tr("a chunk lies outside its frame"));
      const ByteView chunk = plain.subspan(write.frame_offset, write.size);
      if ((verified == nullptr || *verified != write.id) && hasher_.hash(static_cast<std::uint8_t>(ChunkType::data), chunk) != write.id)
        throw Error(ErrorCode::damaged, tr("a chunk does not have the content its id names"));
      verified = &write.id;
      if (!write.file->failed) write_chunk(write, chunk);
    } catch (const Error& error) {
      fail(*write.file, error);
    }
    chunk_done(*write.file);
  }
}

void ChunkWriter::write_chunk(const ChunkWrite& write, ByteView chunk) {
  const int fd = write.file->fd.with([&](UniqueFd& open) {
    if (!open.valid()) {
      monitor_.current(write.file->path);
      open = open_restored_file(tree_, *write.file);
      if (write.file->in_place || write.size != write.file->meta.size)
        if (::ftruncate(open.get(), static_cast<off_t>(write.file->meta.size)) != 0)
          throw_errno(errno, trf("cannot set the size of {}", tree_.full_path(write.file->path)));
    }
    return open.get();
  });
  if (!options_.sparse || write.file->in_place) {
    write_bytes(*write.file, fd, write.file_offset, chunk);
  } else {
    for (std::size_t at = 0; at < chunk.size();) {
      std::size_t end = at;
      const auto block = [&](std::size_t from) { return chunk.subspan(from, std::min(kZeroBlock, chunk.size() - from)); };
      while (end < chunk.size() && !all_zero(block(end))) end += block(end).size();
      write_bytes(*write.file, fd, write.file_offset + at, chunk.subspan(at, end - at));
      while (end < chunk.size() && all_zero(block(end))) end += block(end).size();
      at = end;
    }
    // A file that ends in zeros still has its whole length.
    if (write.size == write.file->meta.size && ::ftruncate(fd, static_cast<off_t>(write.size)) != 0)
      throw_errno(errno, trf("cannot set the size of {}", tree_.full_path(write.file->path)));
  }
  monitor_.advance(0, chunk.size());
}

void ChunkWriter::write_bytes(RestoredFile& file, int fd, std::uint64_t offset, ByteView bytes) {
  counters_.bytes_written += bytes.size();
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw_errno(written < 0 ? errno : EIO, trf("cannot write {}", tree_.full_path(file.path)));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

void ChunkWriter::fail(RestoredFile& file, const Error& error) {
  if (file.failed.exchange(true)) return;
  ++counters_.problems;
  monitor_.problem(file.path, error);
}

void ChunkWriter::chunk_done(RestoredFile& file) {
  if (file.chunks_left.fetch_sub(1) != 1) return;
  UniqueFd fd = file.fd.with([](UniqueFd& open) { return std::move(open); });
  finish(file, fd.get());
}

void ChunkWriter::finish(RestoredFile& file, int fd) {
  if (!file.failed) {
    try {
      apply_metadata(tree_, file.path, fd, file.meta, apply_);
      ++counters_.files;
      monitor_.item(file.path, "restored", file.meta.size);
    } catch (const Error& error) {
      fail(file, error);
    }
  }
  monitor_.advance(1, 0);
}

void ChunkWriter::finish_without_chunks(RestoredFile& file) {
  try {
    const UniqueFd fd = open_restored_file(tree_, file);
    if (::ftruncate(fd.get(), static_cast<off_t>(file.meta.size)) != 0)
      throw_errno(errno, trf("cannot set the size of {}", tree_.full_path(file.path)));
    finish(file, fd.get());
  } catch (const Error& error) {
    fail(file, error);
    monitor_.advance(1, 0);
  }
}

}  // namespace igudar
