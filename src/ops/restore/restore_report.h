#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "concurrency/guarded.h"
#include "ops/restore/restore.h"

namespace igudar {

// As in RestoreSummary.
struct RestoreCounters {
  std::atomic<std::uint64_t> files{0};
  std::atomic<std::uint64_t> files_unchanged{0};
  std::atomic<std::uint64_t> files_skipped{0};
  std::atomic<std::uint64_t> directories{0};
  std::atomic<std::uint64_t> other_entries{0};
  std::atomic<std::uint64_t> bytes_written{0};
  std::atomic<std::uint64_t> bytes_verified{0};
  std::atomic<std::uint64_t> deleted{0};
  std::atomic<std::uint64_t> problems{0};
};

// What a restore has done so far: counted here, and told to the monitor.
//
// Thread safety: all of it may be used concurrently. Memory: the path of each problem, and 8 bytes for each file that
// was left, if that is noted.
class RestoreReport {
 public:
  explicit RestoreReport(RunMonitor& monitor) : monitor_(monitor) {}

  RestoreCounters& counters() { return counters_; }
  RunMonitor& monitor() { return monitor_; }
  // Something could not be restored, and the rest goes on. Not so when `error` says that the user stopped it: that is
  // thrown on.
  void problem(std::string_view path, const Error& error);
  // A copy of something stored is lost, and perhaps another one serves: worth a note, once.
  void lost_copy(const Error& error);
  // Whether a problem of this path was reported.
  bool has_failed(const std::string& path) const;
  // For the verification: this file was left alone, and nothing is claimed of it.
  void note_left(const std::string& path);
  // Whether it was, or, of 2^64 paths, has the same hash as one that was.
  bool was_left(const std::string& path);

  // Without the snapshot's id and the time taken.
  RestoreSummary summary() const;

 private:
  RunMonitor& monitor_;
  RestoreCounters counters_;
  struct Left {
    std::vector<std::size_t> hashes;  // there may be millions
    bool sorted = false;
  };
  Guarded<std::set<std::string>> failed_;
  Guarded<Left> left_;
  std::atomic<bool> noted_lost_copy_{false};
};

}  // namespace igudar
