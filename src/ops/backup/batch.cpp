#include "ops/backup/batch.h"

namespace igudar {

std::size_t Batch::memory_cost() const {
  std::size_t cost = 256 + places.size() * sizeof(OrdinalRange);
  for (const BackupItem& item : items)
    cost += sizeof(BackupItem) + item.key.size() + item.value.size() + item.below.size() * sizeof(ChunkId) +
            (item.entry ? sizeof(Entry) + 128 : 0);
  return cost;
}

}  // namespace igudar
