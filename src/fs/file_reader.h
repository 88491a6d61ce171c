#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "fs/file_stat.h"
#include "fs/source_directory.h"

namespace igudar {

// A stretch of a file: bytes, or a hole that holds none.
struct FileRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  bool hole = false;
  bool operator==(const FileRange&) const = default;
};

// Reads one regular file of the source.
//
// Never follows a symlink, never blocks on what was put in the file's place, leaves the access time alone where that is
// allowed.
// Thread safety: read() and ranges() may be called concurrently. Errors: methods throw Error (not_found, permission,
// io); conflict when the name holds something else by now.
class FileReader {
 public:
  enum class Freshness {
    stat_when_opened,  // the file opened must be the inode that `expected` says
    trust_expected     // `expected` is taken for true until changed_since_open() tells; saves a system call
  };
  FileReader(const SourceName& source, const FileStat& expected, Freshness freshness = Freshness::stat_when_opened);

  int fd() const { return fd_.get(); }
  // As it was when opened (or expected): what to keep of it.
  const FileStat& stat() const { return opened_; }

  // Reads at `offset` until `into` is full or the file ends; returns the bytes read.
  std::size_t read(std::uint64_t offset, MutableByteView into) const;

  // The file from 0 to its size when opened, in order. One range, unless it occupies so little of the disk that it
  // must have holes.
  std::vector<FileRange> ranges() const;

  // True when it was written to, or its metadata changed, since it was opened (or is not the file expected at
  // all): what was read may mix two states.
  bool changed_since_open() const;

 private:
  UniqueFd fd_;
  FileStat opened_;
  SourceName source_;
};

}  // namespace igudar
