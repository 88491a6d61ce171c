#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "format/entry.h"
#include "ops/run_monitor.h"
#include "repo/files_cache.h"
#include "repo/table_cursor.h"

namespace igudar {

// What a backup compares its source with: the entries of the snapshot before, and where their content is stored.
//
// Not thread-safe.
class ParentTree {
 public:
  // One entry; valid until the next call.
  struct Found {
    ByteView value;                  // encoded
    std::span<const ChunkId> below;  // as CachedEntry has it, and only where it comes from there
  };
  // Appends where a stored chunk lies; false when it is not there.
  using FindPlace = std::function<bool(const ChunkId& id, std::vector<OrdinalRange>& places)>;

  explicit ParentTree(FindPlace find_place) : find_place_(std::move(find_place)) {}
  virtual ~ParentTree() = default;

  // Entries that are not older cannot be trusted to be unchanged.
  virtual TimeNs scan_time() const = 0;
  // The entry under `key`, if there is one. Keys are asked for in ascending order.
  virtual std::optional<Found> find(const std::string& key, const std::stop_token& stop) = 0;
  // Appends where every chunk of the content of an entry lies, those below extent lists and the lists included; false
  // when one is not there any more.
  virtual bool find_places(const Found& found, const Content& content, std::vector<OrdinalRange>& places,
                           const std::stop_token& stop) = 0;

 protected:
  bool find_place(const ChunkId& id, std::vector<OrdinalRange>& places) const { return find_place_(id, places); }

 private:
  FindPlace find_place_;
};

// A snapshot in the repository, read as it is walked. Errors: those of ChunkReader, but for pages that are lost: their
// entries count as not there, and that is noted once.
class StoredParent final : public ParentTree {
 public:
  // `chunks` reads pages, `lists` extent lists.
  StoredParent(const Snapshot& snapshot, ChunkReader& chunks, ChunkReader& lists, FindPlace find_place,
               RunMonitor& monitor);

  TimeNs scan_time() const override { return scan_time_; }
  std::optional<Found> find(const std::string& key, const std::stop_token& stop) override;
  bool find_places(const Found& found, const Content& content, std::vector<OrdinalRange>& places,
                   const std::stop_token& stop) override;

 private:
  enum class Position { before, at_entry, end };
  void advance(const std::stop_token& stop);

  const TimeNs scan_time_;
  TableCursor cursor_;
  ChunkReader& lists_;
  RunMonitor& monitor_;
  Position position_ = Position::before;
  bool has_gaps_ = false;  // and that was noted
};

// What this machine kept of the snapshot, for a slot that cannot read it.
class CachedParent final : public ParentTree {
 public:
  CachedParent(FilesCache& cache, FindPlace find_place) : ParentTree(std::move(find_place)), cache_(cache) {}

  TimeNs scan_time() const override { return cache_.scan_time(); }
  std::optional<Found> find(const std::string& key, const std::stop_token& stop) override;
  bool find_places(const Found& found, const Content& content, std::vector<OrdinalRange>& places,
                   const std::stop_token& stop) override;

 private:
  FilesCache& cache_;
};

}  // namespace igudar
