#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/unique_fd.h"

namespace igudar {

// This machine's copy of one audit log: its entries one after the other, each framed by its length on both sides, so
// that the newest is found from the end, and followed by a byte that says whether the storage has it.
//
// Thread safety: none; whoever appends holds the lock of the folder (AuditLog).
// Errors: methods throw what the system reports.
class LocalAuditFile {
 public:
  struct Entry {
    Bytes object;
    bool stored = false;
    std::uint64_t end = 0;  // where the next one begins
  };

  // Made when missing. A torn end, left by a crash, is cut off.
  static LocalAuditFile open(const std::filesystem::path& path);
  // All entries of a file, also while another process appends to it; none when it cannot be read.
  static std::vector<Entry> read(const std::filesystem::path& path);

  std::optional<Entry> last() const;
  // The newest entries that the storage does not have, the oldest of them first.
  std::vector<Entry> unstored() const;
  // Durable once it returns.
  Entry append(ByteView object);
  // A hint: when it is lost in a crash, the entry is stored once more, with equal bytes.
  void mark_stored(const Entry& entry);

 private:
  LocalAuditFile(UniqueFd file, std::filesystem::path path) : file_(std::move(file)), path_(std::move(path)) {}
  std::optional<Entry> before(std::uint64_t end) const;
  void cut_torn_end();

  UniqueFd file_;
  std::filesystem::path path_;
  std::uint64_t size_ = 0;
};

}  // namespace igudar
