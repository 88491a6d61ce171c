#pragma once

#include <functional>
#include <stop_token>
#include <unordered_map>

#include "format/entry.h"
#include "format/snapshot.h"
#include "repo/frame_reader.h"

namespace igudar {

struct MatchCount {
  std::uint64_t entries = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;  // of the files
};

// Counts the entries of snapshots that a predicate accepts. A page that several snapshots share is read once.
//
// Not thread-safe. Memory: 64 bytes for each page. Errors: those of ChunkReader.
class MatchingEntries {
 public:
  using Predicate = std::function<bool(std::string_view path, bool is_folder)>;
  MatchingEntries(ChunkReader& pages, Predicate wanted) : pages_(pages), wanted_(std::move(wanted)) {}

  MatchCount count(const Snapshot& snapshot, const std::stop_token& stop) {
    return count(snapshot.tree.page, snapshot.tree.level, stop);
  }

 private:
  MatchCount count(const ChunkId& page, std::uint8_t level, const std::stop_token& stop);

  ChunkReader& pages_;
  Predicate wanted_;
  std::unordered_map<ChunkId, MatchCount> known_;
};

}  // namespace igudar
