#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <vector>

#include "base/error.h"
#include "concurrency/guarded.h"
#include "format/index_segment.h"
#include "repo/mapped_segment.h"
#include "repo/repository.h"

namespace igudar {

// Where a chunk's bytes lie.
struct ChunkLocation {
  std::uint32_t segment = 0;  // ordinal in the index
  std::uint32_t frame = 0;    // ordinal in the segment
  std::uint32_t number = 0;   // of the chunk in its frame
  std::uint32_t offset = 0;   // in the frame's plain bytes
  std::uint32_t size = 0;

  std::uint64_t frame_key() const { return std::uint64_t{segment} << 32 | frame; }
  bool operator==(const ChunkLocation&) const = default;
};

// Everything needed to read one frame.
struct FrameLocation {
  SegmentPack pack;
  std::uint64_t offset = 0;
  FrameInfo info;
  SessionRef session;
};

// The index of a repository: which chunks it holds, and where. Packs that garbage collection has condemned,
// or that the store does not list, count as absent.
//
// Thread safety: all methods may be called concurrently.
// Memory: 9 bits a chunk, and the segments' records through the page cache.
class BlobIndex {
 public:
  // Opens every segment through this machine's cache, fetching those it lacks. A damaged segment is passed to
  // `on_damage` (object name, error) and left out, or ends the loading when that is empty.
  // Whoever deletes by it, writes index segments from it, or reads it from end to end has the cache verified wholly. Of
  // the others each look-up verifies what it reads, and where that is damaged the cached segment is made anew: so
  // `repository` must outlive the index.
  using OnDamage = std::function<void(const ObjectName&, const Error&)>;
  using Verify = MappedSegment::Verify;
  static std::unique_ptr<BlobIndex> load(const Repository& repository, const std::set<PackName>& absent_packs,
                                         const OnDamage& on_damage, std::stop_token stop,
                                         Verify cached = Verify::all_but_records);

  std::optional<ChunkLocation> find(const ChunkId& id) const;
  // All copies of a chunk, in the order in which they are to be tried; find() gives the first of them.
  std::vector<ChunkLocation> copies(const ChunkId& id) const;
  FrameLocation frame(const ChunkLocation& location) const;
  FrameLocation frame(std::uint32_t segment, std::uint32_t frame) const;
  // Adds a segment that was just stored.
  void add(const Repository& repository, const Id32& name, const IndexSegment& segment);
  // Packs that are absent from now on, on top of those known (a newer generation condemned them).
  void set_absent(const std::set<PackName>& absent_packs);
  // Frames that turned out to be lost count as absent from now on, so that nothing new relies on them.
  using FramePlace = std::pair<PackName, std::uint64_t>;  // its pack, and the offset there
  void set_lost(const ChunkLocation& in_frame);
  void set_lost(const std::set<FramePlace>& frames);
  std::set<FramePlace> lost() const;

  // A bit for each frame of a segment, that can be set while others look.
  class FrameBits {
   public:
    explicit FrameBits(std::uint64_t frames) : words_(static_cast<std::size_t>((frames + 63) / 64)) {}
    void set(std::uint32_t frame) { words_[frame / 64].fetch_or(bit(frame), std::memory_order_relaxed); }
    bool contains(std::uint32_t frame) const {
      return (words_[frame / 64].load(std::memory_order_relaxed) & bit(frame)) != 0;
    }

   private:
    static std::uint64_t bit(std::uint32_t frame) { return std::uint64_t{1} << frame % 64; }
    std::vector<std::atomic<std::uint64_t>> words_;
  };
  struct LoadedSegment {
    Id32 name;
    std::shared_ptr<const MappedSegment> rows;
    std::vector<bool> absent;         // by pack ordinal
    std::shared_ptr<FrameBits> lost;  // frames

    bool has(std::uint32_t frame) const { return !absent[rows->frame(frame).pack] && !lost->contains(frame); }
  };
  using Segments = std::vector<LoadedSegment>;
  // A view that later additions do not change; what is lost shows in it.
  std::shared_ptr<const Segments> segments() const;
  std::uint64_t chunk_count() const;

 private:
  explicit BlobIndex(const Repository& repository) : repository_(repository) {}
  std::set<PackName> unlisted_packs(const Repository& repository, std::stop_token stop) const;
  template <typename Visit>
  void visit_copies(const ChunkId& id, Visit&& visit) const;
  void renew(std::uint32_t segment, const std::shared_ptr<const MappedSegment>& damaged) const;
  static LoadedSegment with_absence(const Id32& name, std::shared_ptr<const MappedSegment> rows,
                                    const std::set<PackName>& absent_packs);
  static void note_lost(const LoadedSegment& segment, const std::set<FramePlace>& frames);
  static std::vector<bool> absence(const MappedSegment& segment, const std::set<PackName>& absent_packs);

  struct State {
    std::shared_ptr<const Segments> segments = std::make_shared<Segments>();
    std::set<PackName> absent_packs;
    std::set<FramePlace> lost;
  };
  const Repository& repository_;
  mutable Guarded<State> state_;
};

// Calls visit(session, frame, pack name, offset in the pack) for each frame of packs that are there, once for each
// segment that has it, until it returns false.
template <typename Visit>
void visit_frames(const BlobIndex& index, Visit&& visit) {
  const std::shared_ptr<const BlobIndex::Segments> segments = index.segments();
  for (const BlobIndex::LoadedSegment& segment : *segments) {
    const MappedSegment& rows = *segment.rows;
    for (std::uint32_t i = 0; i < rows.frame_count(); ++i) {
      const SegmentFrame frame = rows.frame(i);
      if (segment.absent[frame.pack]) continue;
      if (!visit(rows.session(frame.info.session), frame.info, rows.pack(frame.pack).name, frame.offset)) return;
    }
  }
}

// Names of index segments as the store has them, to ids and back.
ObjectName index_object(const Id32& name);
std::optional<Id32> parse_index_id(const std::string& id);
// Where this machine keeps its copy of a segment (a MappedSegment).
std::filesystem::path cached_segment_file(const Repository& repository, const Id32& name);
ObjectName pack_object(const PackName& name);
std::optional<PackName> parse_pack_id(const std::string& id);

}  // namespace igudar
