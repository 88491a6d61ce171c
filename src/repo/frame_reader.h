#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/buffer.h"
#include "compress/codec.h"
#include "repo/blob_index.h"
#include "repo/reader_index.h"
#include "repo/stream_keys.h"

namespace igudar {

// Reads frames from packs and gives back their plain bytes.
//
// Not thread-safe: one for each thread.
// Errors: Error(damaged or truncated) that names the pack when the bytes are not what was sealed; not_found when the
// pack is missing.
class FrameReader {
 public:
  explicit FrameReader(const Repository& repository);

  // Replaces `plain` with the frame's bytes.
  void read(const FrameLocation& location, Buffer& plain, std::stop_token stop);
  // The same for sealed bytes that were read already.
  void open(const FrameLocation& location, ByteView sealed, Buffer& plain);

 private:
  const Repository& repository_;
  StreamKeys keys_;
  Compressor compressor_;
  Buffer sealed_;
  Buffer scratch_;
};

// Reads single chunks (pages, extent lists) through an index, keeping the frames read last, and verifies their ids. A
// slot without the id key (capability maintain) relies on the frames' seals alone. Where one copy of a chunk cannot be
// used, the next one is tried.
//
// Not thread-safe. Errors: as FrameReader, about the first copy when none can be used; a chunk that the index does not
// have is damaged, naming its id.
class ChunkReader {
 public:
  static constexpr std::size_t kCacheBytes = 16U << 20;
  static constexpr std::size_t kListCacheBytes = 4U << 20;  // enough for extent lists

  // Told of each copy that turns out to be lost: damaged, or gone.
  using OnLostCopy = std::function<void(const ChunkLocation& copy, const Error& error)>;
  // For those whom no prune can get in the way of, or who see to that themselves.
  ChunkReader(const Repository& repository, const BlobIndex& index, OnLostCopy on_lost_copy = {},
              std::size_t cache_bytes = kCacheBytes);
  // For readers without a lease: what is missing is looked for a second time (R2).
  ChunkReader(const Repository& repository, ReaderIndex& index, OnLostCopy on_lost_copy = {},
              std::size_t cache_bytes = kCacheBytes);

  // The chunk's bytes, valid until the next call.
  ByteView read(ChunkType type, const ChunkId& id, std::stop_token stop);

 private:
  using Frames = std::list<std::pair<std::uint64_t, Buffer>>;
  using Failures = std::vector<std::pair<ChunkLocation, Error>>;
  ChunkReader(const Repository& repository, std::shared_ptr<const BlobIndex> index, ReaderIndex* newer,
              OnLostCopy on_lost_copy, std::size_t cache_bytes);
  ByteView read_copy(ChunkType type, const ChunkId& id, const ChunkLocation& copy, const std::stop_token& stop);
  bool look_again(ReaderIndex::Missing what, const std::stop_token& stop);
  void report(const Failures& failures) const;
  const Buffer& frame(const ChunkLocation& location, std::stop_token stop);

  std::shared_ptr<const BlobIndex> index_;
  ReaderIndex* const newer_;  // where newer states of the index come from, if anywhere
  FrameReader reader_;
  OnLostCopy on_lost_copy_;
  std::optional<ChunkHasher> hasher_;
  Frames frames_;  // most recently used first
  std::unordered_map<std::uint64_t, Frames::iterator> by_key_;
  std::unordered_map<std::uint64_t, Error> lost_frames_;  // those that could not be read, and why
  std::size_t cached_bytes_ = 0;
  const std::size_t cache_bytes_;
};

}  // namespace igudar
