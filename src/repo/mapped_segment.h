#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/unique_fd.h"
#include "format/index_segment.h"
#include "repo/fuse_filter.h"

namespace igudar {

// An index segment in the form that look-ups want, as a file of this machine's cache (or in memory where there is
// none): a fuse filter, and fixed-size records sorted by chunk id. Made once from the sealed segment; not part of the
// repository format, and thrown away when in doubt.
//
// Thread safety: const methods may be called concurrently.
// Errors: what reads records throws failed when the file turns out to be damaged, as is_damaged() says from then on.
// Memory: the filter is mapped (9 bits a chunk), and the directory (two bits a chunk). Records are read where they lie:
// through the map, or by pread when `map_records` is off, so that a large index does not grow the process. The
// directory says which block of records has an id, so that a look-up reads one block; and what the block's hash is, by
// which it is verified when it is read for the first time.
class MappedSegment {
 public:
  struct ChunkRecord {
    ChunkId id;
    std::uint32_t frame;
    std::uint32_t number;  // of the chunk in its frame
    std::uint32_t offset;  // in the frame's plain bytes
    std::uint32_t size;
  };

  // The file's bytes for a segment.
  static Buffer build(const IndexSegment& segment);
  // nullptr when the file is missing, of another version, cut short, or found to be damaged: all but the records (most
  // of it) is verified here; these too on demand.
  enum class Verify { all_but_records, everything };
  static std::shared_ptr<const MappedSegment> open(const std::filesystem::path& file, bool map_records,
                                                   Verify verify = Verify::all_but_records);
  static std::shared_ptr<const MappedSegment> from_memory(Buffer bytes);

  ~MappedSegment();

  bool may_contain(const ChunkId& id) const;
  // Calls visit(record) for each copy of the chunk until it returns true; says whether one did.
  template <typename Visit>
  bool find(const ChunkId& id, Visit&& visit) const {
    RecordBlock scratch;
    for (std::uint64_t block = first_block(id); block < header().blocks; ++block) {
      const std::span<const ChunkRecord> records = read_block(block, scratch);
      auto record = std::lower_bound(records.begin(), records.end(), id,
                                     [](const ChunkRecord& each, const ChunkId& wanted) { return each.id < wanted; });
      for (; record != records.end() && record->id == id; ++record)
        if (visit(*record)) return true;
      if (record != records.end()) return false;
    }
    return false;
  }

  std::uint64_t chunk_count() const { return header().chunks; }
  std::uint64_t frame_count() const { return header().frames; }
  std::uint64_t pack_count() const { return header().packs; }
  SegmentPack pack(std::uint32_t ordinal) const;
  SegmentFrame frame(std::uint32_t ordinal) const;
  SessionRef session(std::uint32_t ordinal) const;
  void read_records(std::uint64_t first, std::uint64_t count, ChunkRecord* out) const;
  // What of it is mapped, and so may grow the process.
  std::uint64_t mapped_size() const { return mapped_; }
  bool has_mapped_records() const { return mapped_ == size_; }
  // Some record is not what was written: the file is to be made anew. The tables are sound all the same.
  bool is_damaged() const { return damaged_; }

 private:
  static constexpr std::uint64_t kBlockRecords = 64;
  using RecordBlock = std::array<ChunkRecord, kBlockRecords>;
  struct BlockRow {
    std::uint64_t begin;   // of the first id in it, big-endian
    std::uint64_t digest;  // the beginning of the SHA-256 of its records
  };

  struct Header {
    char magic[8];
    std::uint64_t packs, sessions, frames, chunks, blocks;
    FuseFilterShape filter;
    std::uint64_t packs_at, sessions_at, frames_at, directory_at, filter_at, records_at, end;
    Id32 digest;  // SHA-256 of this header before this field, and of all that lies between it and the records
  };
  struct PackRow {
    PackName name;
    std::uint64_t size;
    std::uint64_t type;
  };
  struct FrameRow {
    std::uint64_t offset, counter, first_ordinal;
    std::uint32_t pack, session, stream, plain_size, compressed_size, padding, chunks;
    std::uint8_t type, codec, suite, unused;
  };
  struct SessionRow {
    SessionId id;
    std::uint32_t epoch;
    std::uint32_t suite;
    SealedSecret sealed_secret;
  };

  MappedSegment() = default;
  static bool sound(const Header& header, std::uint64_t size);
  static Id32 digest_without_records(const std::uint8_t* file);
  bool all_records_are_sound() const;
  const Header& header() const { return *reinterpret_cast<const Header*>(base_); }
  template <typename Row>
  const Row& row(std::uint64_t at, std::uint64_t ordinal, std::uint64_t count) const;
  // The first block that may have `id`.
  std::uint64_t first_block(const ChunkId& id) const;
  // Its records, where they are mapped or in `scratch`.
  std::span<const ChunkRecord> read_block(std::uint64_t block, RecordBlock& scratch) const;
  void fetch_records(std::uint64_t first, std::uint64_t count, ChunkRecord* out) const;
  std::span<const BlockRow> directory() const;
  static std::uint64_t digest_of(std::span<const ChunkRecord> block);
  void verify_block(std::uint64_t block, std::span<const ChunkRecord> records) const;

  // A bit for each block that was found sound; none where nothing can have changed since it was made.
  mutable std::vector<std::atomic<std::uint64_t>> verified_;
  mutable std::atomic<bool> damaged_{false};
  UniqueFd file_;
  Buffer memory_;
  const std::uint8_t* base_ = nullptr;  // everything before records_at; all of it when the records are mapped
  std::uint64_t mapped_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace igudar
