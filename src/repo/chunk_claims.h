#pragma once

#include <array>
#include <memory>
#include <optional>
#include <unordered_map>

#include "concurrency/guarded.h"
#include "format/chunk.h"

namespace igudar {

// One stored copy of a chunk of the running session.
struct StreamPlace {
  std::uint32_t stream = 0;
  std::uint64_t ordinal = 0;
  bool operator==(const StreamPlace&) const = default;
};

// Which chunks the running session has taken on itself to store, so that no two threads store the same one.
//
// Thread safety: all methods may be called concurrently; the table is cut into shards by id.
class ChunkClaims {
 public:
  // Where the chunk is stored, or to be: at `place` when the caller is the first to claim it, and so has to store it
  // there.
  StreamPlace claim(const ChunkId& id, const StreamPlace& place);
  std::optional<StreamPlace> find(const ChunkId& id) const;
  // The chunk is in the index now.
  void release(const ChunkId& id);

 private:
  using Shard = Guarded<std::unordered_map<ChunkId, StreamPlace>>;
  static constexpr std::size_t kShards = 64;
  static std::size_t shard_of(const ChunkId& id) { return id.bytes[31] % kShards; }
  std::array<Shard, kShards> shards_;
};

}  // namespace igudar
