#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

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
  // By `used` a chunk was nowhere, or a pack of which it was told that it is there is not. True when current() is a
  // newer state now; false when no prune can have moved anything since `used` was read: then what is missing is lost.
  // Of many missing chunks in a damaged repository none but the first after a change costs more than listings of gc/
  // and index/.
  enum class Missing { chunk, pack };
  bool look_again(const std::shared_ptr<const BlobIndex>& used, Missing what, std::stop_token stop);

 private:
  struct State {
    Generation before;                  // the newest before `index` was read
    std::vector<std::string> segments;  // listed before it, while a sweep was not finished
    std::shared_ptr<const BlobIndex> index;
  };
  State read(const BlobIndex::OnDamage& on_damage, std::stop_token stop) const;
  std::vector<std::string> list_segments(std::stop_token stop) const;
  bool may_have_moved(const State& state, Missing what, std::stop_token stop) const;

  const Repository& repository_;
  Guarded<State> state_;
};

}  // namespace igudar
