#include "ops/restore/restore_source.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "format/entry_codec.h"
#include "ops/snapshot_selection.h"
#include "repo/damaged_object.h"

namespace igudar {

namespace {

// As entries have it: without slashes round it.
std::string entry_path(std::string path) {
  while (!path.empty() && path.front() == '/') path.erase(0, 1);
  while (!path.empty() && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

RestoreSource open_source(const Repository& repository, const RestoreOptions& options, RestoreReport& report,
                          const std::stop_token& stop) {
  repository.config().require_support(Operation::read);
  repository.keys().require_reading();
  const auto [id, below] = split_snapshot_argument(options.snapshot);
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, stop);
  const CataloguedSnapshot& chosen = select_snapshot(catalogue, id, options.filter);
  SnapshotLedger ledger(repository, chosen, stop);
  for (const DamagedObject& damaged : ledger.damaged()) report.problem(damaged.name.to_string(), damaged.error);
  const auto on_damage = [&](const ObjectName& object, const Error& error) {
    report.problem(object.to_string(), error);
  };
  return {repository,
          chosen.id,
          chosen.snapshot,
          entry_path(below),
          std::make_unique<ReaderIndex>(repository, on_damage, stop),
          std::move(ledger)};
}

SelectedEntries::SelectedEntries(const RestoreSource& source, const RestoreOptions& options, OnGap on_gap,
                                 ChunkReader::OnLostCopy on_lost_copy)
    : on_gap_(std::move(on_gap)),
      selection_(source.below, options.includes, options.excludes),
      pages_(source.repository, *source.index, std::move(on_lost_copy)),
      cursor_(pages_, ChunkType::page, source.snapshot.tree, key_of_path(selection_.below())),
      ledger_(source.ledger),
      found_(selection_.below().empty()) {}

std::optional<SelectedEntry> SelectedEntries::next(const std::stop_token& stop) {
  while (std::optional<Entry> entry = next_readable(stop)) {
    if (selection_.past_end(entry->path)) return std::nullopt;
    found_ = found_ || entry->path == selection_.below();
    const EntrySelection::Verdict verdict = selection_.judge(*entry);
    if (verdict == EntrySelection::Verdict::leave) continue;
    if (ledger_.was_erased(*entry)) {
      ++erased_;
      continue;
    }
    std::string path = selection_.target_path(*entry);
    return SelectedEntry{std::move(*entry), std::move(path), verdict == EntrySelection::Verdict::restore};
  }
  return std::nullopt;
}

std::optional<Entry> SelectedEntries::next_readable(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      if (!cursor_.next(stop)) return std::nullopt;
      return decode_entry(cursor_.key(), cursor_.value());
    } catch (const Error& error) {
      if (!is_loss(error)) throw;
      on_gap_(error);
    }
  }
  return std::nullopt;
}

}  // namespace igudar
