#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "fs/file_stat.h"
#include "fs/source_directory.h"
#include "fs/walk_roots.h"

namespace igudar {

struct InodeId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool operator==(const InodeId&) const = default;
};

struct WalkOptions {
  // True for a snapshot path to leave out, a directory with all in it. Asked of every name, the roots included, once
  // its parents were kept; from several threads.
  std::function<bool(std::string_view path, bool is_directory)> excluded;
  // Told, in the order of the walk and on the consumer's thread, what could not be read; the walk goes on.
  std::function<void(std::string_view path, const Error& error)> on_problem;
  bool one_file_system = false;  // keeps mount points inside a root, but not what is mounted there
  bool exclude_caches = false;   // of a folder with a CACHEDIR.TAG (bford.info/cachedir) keeps only itself and the tag
  std::uint64_t exclude_larger_than = 0;  // files with more bytes are left out; 0: none
  std::vector<InodeId> skip;              // directories to leave out: the repository itself
  unsigned threads = 0;                   // 0: as many as there are processors, at least 2
  std::size_t entries_ahead = 64 * 1024;  // how many listed names may wait for the consumer
};

// One name of the walk. Valid until the next call of next().
class WalkItem {
 public:
  std::string_view path;  // in the snapshot; "" for the top folder itself
  FileStat stat;

  // What opens it later, from any thread.
  SourceName source() const { return {*directory_, name_}; }

 private:
  friend class TreeWalker;
  const std::shared_ptr<SourceDirectory>* directory_ = nullptr;
  const char* name_ = nullptr;
};

// Walks the roots in the order of compare_paths(): a directory, then what it holds. Threads list directories and stat
// their names ahead of the consumer, within a bound; the consumer lists what they have not come to yet.
//
// The folders that lead to a root are given too, once each, with their own metadata but nothing else of theirs.
// Symlinks are never followed, except in the folders that lead to a root. A file or directory that cannot be read goes
// to on_problem; a directory whose stat is known is given all the same.
//
// Thread safety: next() by one thread. Stopping: next() throws Error interrupted once `stop` is requested.
class TreeWalker {
 public:
  TreeWalker(std::vector<WalkRoot> roots, WalkOptions options, std::stop_token stop = {});
  ~TreeWalker();

  // False at the end.
  bool next(WalkItem& item);

 private:
  struct Walk;
  std::unique_ptr<Walk> walk_;
};

}  // namespace igudar
