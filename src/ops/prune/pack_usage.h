#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "format/refset.h"
#include "repo/blob_index.h"

namespace igudar {

// What a pack is worth to the snapshots.
struct PackUse {
  PackName name;
  PackType type = PackType::data;
  std::uint64_t size = 0;
  TimeNs stored_at = 0;
  bool indexed = false;
  std::uint64_t live = 0;  // bytes of sealed frames that are needed from here
  std::uint64_t dead = 0;  // of the other frames that the index knows
};

// A frame as some index segment has it.
struct FrameUse {
  std::uint32_t session = 0;  // ordinal among all sessions
  std::uint32_t stream = 0;
  std::uint64_t first = 0;  // ordinal of its first chunk
  std::uint32_t chunks = 0;
  std::uint32_t pack = 0;     // in packs()
  std::uint32_t segment = 0;  // where the index has it
  std::uint32_t frame = 0;
  std::uint64_t sealed_size = 0;
  bool needed = false;  // this copy or an equal one
  bool lost = false;    // found to be rotten
  bool live = false;    // once settled: of equal copies one at most, unless all are lost
};

// Which frames, and so which packs, are needed: mark() what the snapshots refer to, then settle(). Both, and what else
// is found out, can be repeated; each time settle() goes by all that is known.
//
// Only frames in listed packs count (rule P2 of docs/adr/0002-gc-protocol.md). Not thread-safe. Memory: 48 bytes a
// frame, whatever the number of snapshots.
class PackUsage {
 public:
  // `listed` are the packs as listed after the index was loaded.
  PackUsage(std::shared_ptr<const BlobIndex::Segments> segments, const std::vector<ObjectInfo>& listed);

  // Marks the frames that hold these ordinals. Returns those that no frame holds.
  RefBits mark(const RefKey& key, const RefBits& bits);
  // Marks a frame (ordinal in frames()).
  void mark(std::size_t frame);
  void set_lost(std::size_t frame) { frames_[frame].lost = true; }
  // Of several copies of a frame chooses the one to count as live: one that is not lost, outside `unwanted` if there is
  // one, then in the pack that is needed most. Fills in what the packs are worth.
  void settle(const std::set<PackName>& unwanted);

  // Once settled: the packs (ordinals) with any copy of a frame whose live one is in `packs`, these included.
  std::set<std::uint32_t> packs_with_copies(const std::set<PackName>& packs) const;

  // The sum over these packs (ordinals) of one of their counts of bytes.
  std::uint64_t total(const std::vector<std::uint32_t>& packs, std::uint64_t PackUse::*bytes) const;

  const std::vector<PackUse>& packs() const { return packs_; }
  const std::vector<FrameUse>& frames() const { return frames_; }
  const BlobIndex::Segments& segments() const { return *segments_; }

 private:
  using Frames = std::vector<FrameUse>;
  void add_segment(std::uint32_t ordinal);
  // The first frame of the session's stream that ends after `ordinal`.
  Frames::iterator first_after(std::uint32_t session, std::uint32_t stream, std::uint64_t ordinal);
  Frames::iterator end_of_copies(Frames::iterator first);

  std::shared_ptr<const BlobIndex::Segments> segments_;
  std::vector<PackUse> packs_;
  std::map<PackName, std::uint32_t> ordinals_;
  std::map<SessionId, std::uint32_t> sessions_;
  Frames frames_;  // by session, stream and first: copies of a frame side by side
};

}  // namespace igudar
