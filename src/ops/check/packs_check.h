#pragma once

#include <map>
#include <set>
#include <span>
#include <vector>

#include "ops/check/check_run.h"
#include "ops/check/index_check.h"
#include "ops/check/lost_frames.h"
#include "ops/check/pack_scrub.h"
#include "repo/blob_index.h"
#include "repo/pack_ledger.h"

namespace igudar {

// Checks the packs of a repository: of each, what it says of itself against what the index says of it; and every byte
// of those that are to be read, which the ledger then knows.
//
// Not thread-safe; its work is done by several threads. Memory: the description of 64 packs or 1 GiB of packs, and for
// each thread a piece of a pack and two frames.
class PacksCheck {
 public:
  // The index is that of `repository`, loaded before this: so no pack that it names can be missing but by a prune (W2).
  // Frames that turn out to be unreadable go to `lost`.
  PacksCheck(const CheckRun& run, const BlobIndex& index, const IndexedPacks& indexed, LostFrames& lost);

  // Chooses what is to be read, and tells the monitor how much it will be.
  void choose(PackLedger& ledger);
  // Throws interrupted.
  void check();
  void note_read(PackLedger& ledger) const;

  // Packs that no index segment names.
  std::uint64_t unindexed() const { return unindexed_; }

 private:
  // The scrubbers of all threads, each used by one of them at a time.
  class ScrubberPool {
   public:
    ScrubberPool(const CheckRun& run, LostFrames& lost) : run_(run), lost_(lost) {}
    // Returns how many bytes it read.
    std::uint64_t scrub(const ScrubPiece& piece);

   private:
    std::unique_ptr<PackScrubber> take();

    const CheckRun& run_;
    LostFrames& lost_;
    Guarded<std::vector<std::unique_ptr<PackScrubber>>> idle_;
  };

  void check_batch(std::span<const ObjectInfo> packs, unsigned threads);
  void scrub(const std::vector<ScrubPiece>& pieces, unsigned threads);

  const CheckRun& run_;
  const BlobIndex& index_;
  const IndexedPacks& indexed_;
  std::vector<ObjectInfo> packs_;
  std::map<PackName, std::uint64_t> sizes_;
  std::set<PackName> chosen_;
  ScrubberPool scrubbers_;
  std::uint64_t unindexed_ = 0;
  std::vector<PackName> sound_;  // of those read
};

}  // namespace igudar
