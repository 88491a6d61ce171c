#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "compress/codec.h"
#include "crypto/hash.h"
#include "format/snapshot.h"
#include "ops/run_monitor.h"

namespace igudar {

class Repository;

struct BackupOptions {
  std::vector<std::string> paths;          // as given on the command line
  std::vector<std::string> excludes;       // gitignore patterns
  std::vector<std::string> exclude_files;  // files of such patterns
  bool exclude_caches = false;
  std::optional<std::uint64_t> exclude_larger_than;
  bool one_file_system = false;
  bool with_atime = false;
  std::vector<std::string> tags;
  std::string host;                           // empty: this machine's name
  std::optional<TimeNs> time;                 // instead of now
  std::optional<std::string> stdin_filename;  // set: back up standard input under this name, no paths
  int stdin_fd = 0;
  bool dry_run = false;                    // reads and reckons, stores nothing
  std::string parent;                      // snapshot id prefix; empty: the newest of the same host and paths
  bool force = false;                      // read every file anew
  std::vector<std::string> personal_data;  // categories of what is in it, beside those of tagged sources
  std::vector<DigestAlgorithm> digests;
  CompressionSetting compression;
  unsigned threads = 0;                         // 0: one for each processor
  std::optional<AuditReference> audit;          // the entry of the audit log that announces this backup
  std::uint64_t checkpoint_bytes = 2ULL << 30;  // so much at most has to be stored again after a run that was cut short
};

struct BackupSummary {
  std::string snapshot_id;  // 64 hex digits; empty after a dry run
  std::string parent_id;    // empty when there was none
  std::uint64_t files_new = 0;
  std::uint64_t files_changed = 0;
  std::uint64_t files_unchanged = 0;
  std::uint64_t directories = 0;
  std::uint64_t other_entries = 0;  // links, devices, fifos, sockets
  std::uint64_t total_bytes = 0;    // of all files in the snapshot
  std::uint64_t read_bytes = 0;
  std::uint64_t new_chunks = 0;
  std::uint64_t new_bytes = 0;             // plain bytes the repository did not have
  std::uint64_t stored_bytes = 0;          // what they took, compressed and encrypted
  std::uint64_t unreadable = 0;            // items reported as problems
  std::vector<std::string> personal_data;  // categories that the snapshot is tagged with
  double seconds = 0;
};

// Makes a snapshot. Stores nothing and throws rule_broken when it would hold personal data that no consent covers.
// Files that cannot be read are reported as problems and counted in `unreadable`. When stopped (SIGINT) throws
// interrupted after what was read so far has been made durable for the next run to use.
BackupSummary back_up(Repository& repository, const BackupOptions& options, RunMonitor& monitor, std::stop_token stop);

}  // namespace igudar
