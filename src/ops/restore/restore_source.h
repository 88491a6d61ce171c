#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "format/snapshot.h"
#include "ops/restore/entry_selection.h"
#include "ops/restore/restore_report.h"
#include "ops/snapshot_ledger.h"
#include "repo/reader_index.h"
#include "repo/table_cursor.h"

namespace igudar {

// The stored side of a restore: the chosen snapshot, and where its chunks lie.
//
// Thread safety: const once opened, but for the index, which may be used concurrently.
struct RestoreSource {
  const Repository& repository;
  SnapshotId id;
  Snapshot snapshot;
  std::string below;  // the entry that was asked for, with all in it; empty: the whole snapshot
  std::unique_ptr<ReaderIndex> index;
  SnapshotLedger ledger;
};

// Throws not_found or usage when the options name no snapshot; damaged parts of the index are reported as problems.
RestoreSource open_source(const Repository& repository, const RestoreOptions& options, RestoreReport& report,
                          const std::stop_token& stop);

struct SelectedEntry {
  Entry entry;
  std::string path;  // below the target
  bool wanted;       // else a folder that leads to entries that may be wanted
};

// The entries that a restore is about, in the order of the snapshot.
//
// Not thread-safe. Errors: those of TableCursor and of decode_entry; where these mean damage, `on_gap` is told and the
// entries that can be read go on.
class SelectedEntries {
 public:
  using OnGap = std::function<void(const Error&)>;
  SelectedEntries(const RestoreSource& source, const RestoreOptions& options, OnGap on_gap,
                  ChunkReader::OnLostCopy on_lost_copy = {});

  // nullopt at the end, and when stopped.
  std::optional<SelectedEntry> next(const std::stop_token& stop);
  // Whether the path that was asked for has been come by.
  bool found() const { return found_; }
  // Entries that were erased, and left out though the storage has them again.
  std::uint64_t erased() const { return erased_; }

 private:
  // The next entry of the snapshot, wanted or not.
  std::optional<Entry> next_readable(const std::stop_token& stop);

  OnGap on_gap_;
  EntrySelection selection_;
  ChunkReader pages_;
  TableCursor cursor_;
  const SnapshotLedger& ledger_;
  bool found_;
  std::uint64_t erased_ = 0;
};

}  // namespace igudar
