#include "ops/snapshot_ledger.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

namespace {

Error erased_error(std::string message, const Id32& plan) {
  return {ErrorCode::not_found, std::move(message),
          trf("'igudar erase run {}' erases it again.", short_hex(plan.view()))};
}

// Of domains, the registry of "main" says it.
void require_domain_not_erased(const Repository& repository, const std::stop_token& stop) {
  const Id16& domain = repository.keys().domain();
  const Id16& main = repository.config().repository;
  if (domain == main || repository.keys().secrets().epochs.empty()) return;
  const ErasureLedger ledger(Registry::load(repository.open_domain(main, stop), stop));
  if (const std::optional<Id32> plan = ledger.erased(domain))
    throw erased_error(tr("this domain was erased: its storage brought it back"), *plan);
}

}  // namespace

SnapshotLedger::SnapshotLedger(const Repository& repository, const CataloguedSnapshot& snapshot, std::stop_token stop) {
  require_domain_not_erased(repository, stop);
  const Registry registry = Registry::load(repository, stop);
  damaged_ = registry.damaged();
  ledger_ = std::make_unique<ErasureLedger>(registry);
  if (const std::optional<Id32> plan = ledger_->erased(snapshot.id))
    throw erased_error(trf("the snapshot {} was erased: its storage brought it back", short_hex(snapshot.id.view())),
                       *plan);
  patterns_ = ledger_->patterns_for(snapshot.snapshot);
}

bool SnapshotLedger::was_erased(const Entry& entry) const {
  const bool folder = entry.meta.type == EntryType::directory;
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const PathPatterns* patterns) { return patterns->matches(entry.path, folder); });
}

std::string left_out_text(std::uint64_t entries) {
  return trf_plural("{} entry was left out: it was erased, and does not come back",
                    "{} entries were left out: they were erased, and do not come back", entries, entries);
}

}  // namespace igudar
