#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "ops/run_monitor.h"
#include "ops/snapshot_filter.h"

namespace igudar {

class Repository;

enum class Overwrite { always, if_changed, never };

struct RestoreOptions {
  std::string snapshot = "latest";  // id prefix, "latest", each with an optional ":PATH" below which to restore
  SnapshotFilter filter = {};       // for "latest"
  std::string target = {};
  std::vector<std::string> includes = {};  // gitignore patterns; empty: everything
  std::vector<std::string> excludes = {};
  Overwrite overwrite = Overwrite::always;
  bool delete_extra = false;  // remove what the snapshot does not have
  bool sparse = false;        // leave runs of zero bytes as holes, beyond the holes that the source had
  bool dry_run = false;
  bool verify = false;  // read back what was written and compare
  bool numeric_ids = false;
  unsigned threads = 0;
};

struct RestoreSummary {
  std::string snapshot_id;
  std::uint64_t files = 0;            // written, wholly or in part
  std::uint64_t files_unchanged = 0;  // there already with the same content
  std::uint64_t files_skipped = 0;    // left alone because of --overwrite
  std::uint64_t directories = 0;
  std::uint64_t other_entries = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_verified = 0;
  std::uint64_t deleted = 0;
  std::uint64_t problems = 0;
  double seconds = 0;
};

// Restores below `target` and never outside it. Items that fail are reported as problems and the rest goes on.
RestoreSummary restore(Repository& repository, const RestoreOptions& options, RunMonitor& monitor,
                       std::stop_token stop);

}  // namespace igudar
