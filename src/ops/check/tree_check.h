#pragma once

#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "format/entry.h"
#include "format/refset.h"
#include "ops/check/lost_frames.h"
#include "repo/frame_reader.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// Verifies the trees and reference sets of snapshots: that every page can be read and says of the pages below what is
// true of them, that every chunk of every file is in the index with the right size, and that the reference set names a
// copy of each, so that no prune takes it away.
//
// Without capability full only the reference sets are verified.
//
// A page that several snapshots share is read once; what it refers to is remembered as runs of ordinals, and compared
// with the reference set of each of them.
//
// Not thread-safe. Memory: for each page its first and last key and a few runs, and two reference sets.
class TreeCheck {
 public:
  // What it cannot read is reported, and added to `lost`: there may be other copies of it.
  TreeCheck(const Repository& repository, const BlobIndex& index, Findings& findings, LostFrames& lost);

  void check(const CataloguedSnapshot& snapshot, std::stop_token stop);
  // What the snapshots checked so far need.
  const RefSet& references() const { return references_; }

 private:
  // Stored copies of chunks that a page needs, its own among them.
  struct Run {
    std::uint32_t session = 0;  // ordinal in sessions_
    std::uint32_t stream = 0;
    std::uint64_t first = 0;
    std::uint64_t count = 0;
  };
  struct Page {
    std::uint8_t level = 0;
    bool readable = false;
    bool whole = false;  // with all below
    PageSums sums;
    std::string first_key;
    std::string last_key;
    std::vector<Run> runs;
    std::vector<ChunkId> children;
  };
  struct Place {
    std::uint32_t session = 0;
    std::uint32_t stream = 0;
    std::uint64_t first_ordinal = 0;  // of the frame
  };
  using Pages = std::unordered_map<ChunkId, Page>;
  // Takes a leaf's entry: returns its sums.
  using TakeEntry = std::function<PageSums(const std::string& key, ByteView value, Page& page)>;
  using VisitChunk = std::function<void(ChunkType type, const Extent& extent)>;

  const Page& verify(Pages& pages, ChunkType type, const ChunkId& id, std::uint8_t level, const TakeEntry& take);
  void read_leaf(Page& page, ByteView bytes, const TakeEntry& take);
  void read_inner(Pages& pages, ChunkType type, Page& page, ByteView bytes, const TakeEntry& take);
  PageSums take_tree_entry(const std::string& key, ByteView value, Page& page);
  void visit_chunks(const Content& content, const VisitChunk& visit);
  void refer(Page& page, ChunkType type, const Extent& extent, const std::string& key);
  void add_run(Page& page, const ChunkLocation& location);
  Place place_of(const ChunkLocation& location);

  bool read_references(const Snapshot& snapshot, RefSet& references);
  void check_references(const ChunkId& id, const RefSet& references, std::set<ChunkId>& visited);
  bool names_run(const RefSet& references, const Run& run) const;
  bool names_copy(const RefSet& references, const ChunkId& id) const;
  void find_unnamed(const ChunkId& id, const Page& page, const RefSet& references);
  void report_copy(const ChunkLocation& copy, const Error& error);
  void report_page(const ChunkId& id, const std::string& reason);

  const bool reads_trees_;
  const BlobIndex& index_;
  Findings& findings_;
  LostFrames& lost_;
  ChunkReader chunks_;
  ChunkReader lists_;
  Pages pages_;
  std::vector<SessionId> sessions_;
  std::map<SessionId, std::uint32_t> session_ordinals_;
  std::uint64_t last_frame_ = ~std::uint64_t{0};
  Place last_place_;
  std::set<std::pair<ChunkId, ChunkId>> checked_;  // roots of tree and reference set
  RefSet references_;
  Entry entry_;
  std::string object_;  // the snapshot being checked
  std::stop_token stop_;
};

}  // namespace igudar
