#pragma once

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

// Reads single chunks (pages, extent lists) through an index, keeping the frames read last, and verifies their ids
// (with capability maintain, which lacks the id key, the seal of the frame has to do). A slot
// without the id key (capability maintain) relies on the frames' seals alone.
//
// Not thread-safe. Errors: as FrameReader; a chunk that the index does not have is damaged, naming its id.
class ChunkReader {
 public:
  // For those whom no prune can get in the way of, or who see to that themselves.
  ChunkReader(const Repository& repository, const BlobIndex& index, std::size_t cache_bytes = kCacheBytes);
  // For readers without a lease: what is missing is looked for a second time (R2).
  ChunkReader(const Repository& repository, ReaderIndex& index, std::size_t cache_bytes = kCacheBytes);

  // The chunk's bytes, valid until the next call.
  ByteView read(ChunkType type, const ChunkId& id, std::stop_token stop);

 private:
  static constexpr std::size_t kCacheBytes = 16U << 20;
  using Frames = std::list<std::pair<std::uint64_t, Buffer>>;
  ChunkReader(const Repository& repository, std::shared_ptr<const BlobIndex> index, ReaderIndex* newer,
              std::size_t cache_bytes);
  ByteView read_as_indexed(ChunkType type, const ChunkId& id, const std::stop_token& stop);
  bool look_again(const std::stop_token& stop);
  const Buffer& frame(const ChunkLocation& location, std::stop_token stop);

  std::shared_ptr<const BlobIndex> index_;
  ReaderIndex* const newer_;  // where newer states of the index come from, if anywhere
  FrameReader reader_;
  std::optional<KeyedHash> hasher_;
  Frames frames_;  // most recently used first
  std::unordered_map<std::uint64_t, Frames::iterator> by_key_;
  std::size_t cached_bytes_ = 0;
  const std::size_t cache_bytes_;
};

}  // namespace igudar
