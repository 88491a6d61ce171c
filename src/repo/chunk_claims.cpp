#include "repo/chunk_claims.h"

namespace igudar {

StreamPlace ChunkClaims::claim(const ChunkId& id, const StreamPlace& place) {
  return shards_[shard_of(id)].with([&](auto& shard) { return shard.try_emplace(id, place).first->second; });
}

std::optional<StreamPlace> ChunkClaims::find(const ChunkId& id) const {
  return shards_[shard_of(id)].with([&](const auto& shard) -> std::optional<StreamPlace> {
    const auto found = shard.find(id);
    if (found == shard.end()) return std::nullopt;
    return found->second;
  });
}

void ChunkClaims::release(const ChunkId& id) {
  shards_[shard_of(id)].with([&](auto& shard) { shard.erase(id); });
}

}  // namespace igudar
