#pragma once

#include <set>
#include <stop_token>
#include <utility>

#include "ops/check/findings.h"
#include "repo/blob_index.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// Frames that cannot be read, by the pack and their offset in it.
class LostFrames {
 public:
  // Thread-safe.
  void add(const PackName& pack, std::uint64_t offset);
  // All frames of a pack.
  void add_pack(const PackName& pack);
  // The rest may be called once nothing is added any more.
  bool contains(const PackName& pack, std::uint64_t offset) const;
  bool empty() const;

 private:
  struct State {
    std::set<std::pair<PackName, std::uint64_t>> frames;
    std::set<PackName> packs;
  };
  Guarded<State> state_;
};

// Names the files and snapshots that need a chunk of which every copy lies in lost frames. Reads the trees of all
// snapshots, each page once. Where nobody needs any, that is remarked. Needs capability full.
void report_lost_frames(const Repository& repository, const BlobIndex& index, const SnapshotCatalogue& catalogue,
                        const LostFrames& lost, Findings& findings, std::stop_token stop);

}  // namespace igudar
