#include "ops/erase/erasure_holds.h"

#include <algorithm>

#include "ops/matching_entries.h"

namespace igudar {

namespace {

// Whether a hold covers any entry that the patterns match.
bool covers_entries(const Repository& repository, ReaderIndex& index, const SnapshotCatalogue& catalogue,
                    const LegalHold& hold, const PathPatterns& erased, const std::stop_token& stop) {
  const auto any = [&](const MatchingEntries::Predicate& wanted, const auto& of) {
    ChunkReader pages(repository, index);
    MatchingEntries matching(pages, wanted);
    return std::any_of(catalogue.snapshots().begin(), catalogue.snapshots().end(), [&](const auto& each) {
      return of(each.id) && matching.count(each.snapshot, stop).entries > 0;
    });
  };
  const auto is_erased = [&](std::string_view path, bool folder) { return erased.matches(path, folder); };
  const auto is_held = [&](const SnapshotId& id) {
    return hold.all || !hold.readable ||
           std::find(hold.snapshots.begin(), hold.snapshots.end(), id) != hold.snapshots.end();
  };
  if (any(is_erased, is_held)) return true;
  if (hold.patterns.empty()) return false;
  const PathPatterns held(hold.patterns);
  const auto is_both = [&](std::string_view path, bool folder) {
    return erased.matches(path, folder) && held.matches(path, folder);
  };
  return any(is_both, [](const SnapshotId&) { return true; });
}

}  // namespace

std::vector<std::string> holds_against(const Repository& repository, const SnapshotCatalogue& catalogue,
                                       const std::vector<LegalHold>& holds, const ErasureTarget& target,
                                       const std::stop_token& stop) {
  std::vector<std::string> found;
  if (holds.empty()) return found;
  if (!target.is_of_paths()) {
    for (const LegalHold& hold : holds) {
      const auto held = held_snapshots(repository, catalogue, {hold}, stop);
      if (std::any_of(target.snapshots.begin(), target.snapshots.end(),
                      [&](const SnapshotId& id) { return held.contains(id); }))
        found.push_back(hold.shown());
    }
    return found;
  }
  ReaderIndex index(
      repository, [](const ObjectName&, const Error&) {}, stop);
  const PathPatterns erased(target.patterns);
  for (const LegalHold& hold : holds)
    if (covers_entries(repository, index, catalogue, hold, erased, stop)) found.push_back(hold.shown());
  return found;
}

}  // namespace igudar
