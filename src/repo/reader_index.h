#pragma once

#include <memory>
#include <stop_token>

#include "concurrency/guarded.h"
#include "repo/blob_index.h"
#include "repo/gc_state.h"

namespace igudar {

// The index for a reader without a lease, below whom a prune may move chunks to other packs
// (docs/adr/0002-gc-protocol.md, R2): what is missing by one state of the index is looked for in a newer one before it
// counts as damage.
//
// Thread safety: all methods may be called concurrently. Errors: those of BlobIndex::load and list_generation.
// Memory: that of a BlobIndex; an older state lives as long as somebody holds it.
class ReaderIndex {
 public:
  // Damaged segments are passed to `on_damage` as by BlobIndex::load, but only this once.
  ReaderIndex(const Repository& repository, const BlobIndex::OnDamage& on_damage, std::stop_token stop);

  std::shared_ptr<const BlobIndex> current() const;
  // Something was missing by `used`. True when current() is a newer state now; false when no prune can have moved
  // anything since `used` was read: then what is missing is lost.
  bool look_again(const std::shared_ptr<const BlobIndex>& used, std::stop_token stop);

 private:
  struct State {
    Generation before;  // the newest before `index` was read
    std::shared_ptr<const BlobIndex> index;
  };
  State read(const BlobIndex::OnDamage& on_damage, std::stop_token stop) const;

  const Repository& repository_;
  Guarded<State> state_;
};

}  // namespace igudar
