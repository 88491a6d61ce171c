#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "format/snapshot.h"
#include "repo/repository.h"

namespace igudar {

// What a slot that cannot read snapshots (capability write) compares the next backup with: the entries of the last one
// that this machine made of the same host and paths, in a file of its cache folder.
//
// Whoever steals the machine with its key must not learn names from it that the source no longer has. So each entry is
// filed under a keyed hash of its path, and sealed under a key that follows from its path: only who knows a path finds
// the entry, and can read it. (A path that is guessed is thereby confirmed; that it is stored here is told by the
// source beside it, most of the time.)
//
// The file: salt, records in the order of the snapshot, their places sorted by hash, a footer with a keyed hash of its
// own. It may be lost at any time: then the source is read anew. Best effort, no errors but the system's for memory.

struct CachedEntry {
  Bytes value;                 // the encoded entry
  std::vector<ChunkId> below;  // the chunks that it reaches through extent lists, and those lists
};

// Whose backup: the group keys of its host and paths.
struct FilesCacheName {
  Id16 host, paths;
};

// Writes a new one; nothing is there before commit(). Not thread-safe. Memory: 16 bytes for each entry.
class FilesCacheWriter {
 public:
  FilesCacheWriter(const Repository& repository, const FilesCacheName& name);
  ~FilesCacheWriter();
  FilesCacheWriter(const FilesCacheWriter&) = delete;
  FilesCacheWriter& operator=(const FilesCacheWriter&) = delete;

  // Entries come in the order of the snapshot.
  void add(const std::string& key, ByteView value, const std::vector<ChunkId>& below);
  // Replaces what was kept under the name.
  void commit(const SnapshotId& snapshot, TimeNs scan_time);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads one. Not thread-safe. Memory: a window of 256 KiB, and 16 bytes for each entry once the source differs in what
// files there are.
class FilesCache {
 public:
  // nullopt when there is none that can be used.
  static std::optional<FilesCache> open(const Repository& repository, const FilesCacheName& name);
  ~FilesCache();
  FilesCache(FilesCache&&) noexcept;
  FilesCache& operator=(FilesCache&&) noexcept;

  const SnapshotId& snapshot() const;
  TimeNs scan_time() const;
  // Quickest when keys are asked for in the order of the snapshot. nullptr when there is none, or it is damaged; valid
  // until the next call.
  const CachedEntry* find(const std::string& key);

 private:
  struct State;
  explicit FilesCache(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace igudar
