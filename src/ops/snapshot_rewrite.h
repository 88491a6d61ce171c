#pragma once

#include <functional>
#include <stop_token>

#include "ops/rewriting_view.h"
#include "ops/run_monitor.h"
#include "repo/write_session.h"

namespace igudar {

// Stores a snapshot anew: a tree without some entries, and new copies of all chunks that lie in doomed frames. What is
// not concerned is referred to where it lies.
//
// Folders are entries like others: when one is left out, `leaves_out` has to say so of all that is in it. A file with
// several names keeps its content for as long as one name is kept.

// What became of it, and what to correct in the record.
struct RewrittenTree {
  StoredTree stored;
  std::uint64_t entries = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t left_out = 0;        // entries
  std::uint64_t left_out_bytes = 0;  // of their files
};

using LeavesOut = std::function<bool(std::string_view path, bool is_folder)>;

// Stores the tree and its reference set through `session`, which is finished then; durable once it returns. Not
// thread-safe. Memory: the new reference set, and a few pages and frames. Throws damaged, before anything refers to
// what was stored, when some of the snapshot cannot be read.
RewrittenTree store_rewritten(WriteSession& session, const RewritingView& view, const Snapshot& snapshot,
                              const LeavesOut& leaves_out, RunMonitor& monitor, const std::stop_token& stop);

}  // namespace igudar
