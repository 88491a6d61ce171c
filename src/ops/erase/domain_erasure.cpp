#include "ops/erase/domain_erasure.h"

#include <algorithm>
#include <filesystem>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/legal_holds.h"
#include "repo/domain_access.h"
#include "repo/grants.h"

namespace igudar {

namespace {

// nullopt where its keys are gone.
std::optional<Repository> opened(const Repository& main, const ErasedDomain& domain, const std::stop_token& stop) {
  try {
    return main.open_domain(domain.id, stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return std::nullopt;
  }
}

void remove_objects(ObjectStore& store, const std::stop_token& stop) {
  for (const ObjectKind kind : kAllObjectKinds)
    if (kind != ObjectKind::config)
      for (const ObjectInfo& object : list_or_none(store, kind, stop)) store.remove(object.name, stop);
}

// What this machine keeps of it.
void forget_locally(const Repository& domain) {
  std::error_code ignored;
  for (const std::filesystem::path& folder : {domain.cache_folder(), domain.state_folder()})
    std::filesystem::remove_all(folder, ignored);
}

// That no key of it is anywhere, and no object. A grant that cannot be read may be one of it.
bool nothing_is_left(const Repository& main, const ErasedDomain& domain, const std::stop_token& stop) {
  const std::vector<Grant> grants = load_grants(main.root(), main.config(), stop);
  if (std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) { return grant.domain == domain.id; }))
    return false;
  if (!damaged_grants(main.root(), main.config(), stop).empty() || opened(main, domain, stop)) return false;
  const std::unique_ptr<ObjectStore> store = main.root().open_folder(to_hex(domain.id.view()));
  return std::all_of(std::begin(kAllObjectKinds), std::end(kAllObjectKinds), [&](ObjectKind kind) {
    return kind == ObjectKind::config || list_or_none(*store, kind, stop).empty();
  });
}

}  // namespace

ErasedDomain find_domain(const Repository& main, const std::string& name, std::stop_token stop) {
  if (main.keys().domain() != main.config().repository)
    throw Error(ErrorCode::usage, tr("a domain is erased from the domain 'main'"), tr("Leave --domain out."));
  if (name == kMainDomain)
    throw Error(ErrorCode::usage, tr("the domain 'main' cannot be erased"),
                tr("Erase all its snapshots, or remove the whole repository with all its copies."));
  for (const DomainInfo& domain : list_domains(main, stop))
    if (domain.name == name) return {domain.id, name};
  throw Error(ErrorCode::not_found, trf("there is no domain '{}' that this key slot has a part in", name),
              tr("See 'igudar domain list'."));
}

ErasurePreview preview_of(const Repository& main, const ErasedDomain& domain, std::stop_token stop) {
  ErasurePreview preview;
  const std::optional<Repository> repository = opened(main, domain, stop);
  if (!repository) return preview;
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(*repository, CatalogueSource::cache, stop);
  for (const CataloguedSnapshot& each : catalogue.snapshots()) {
    const SnapshotStatistics& all = each.snapshot.statistics;
    preview.snapshots.push_back({to_hex(each.id.view()), each.snapshot.time, all.entries, all.bytes});
    preview.entries += all.entries;
    preview.files += all.files;
    preview.bytes += all.bytes;
  }
  const Registry registry = Registry::load(*repository, stop);
  for (const DamagedObject& damaged : registry.damaged()) throw Error(damaged.error);
  for (const LegalHold& hold : legal_holds(registry, wall_clock_ns())) preview.holds.push_back(hold.shown());
  return preview;
}

ErasedCopy erase_domain_from_copy(const Repository& main, const ErasedDomain& domain, std::stop_token stop) {
  ErasedCopy copy{.location = main.root().location()};
  const ErasurePreview all = preview_of(main, domain, stop);
  copy.snapshots_erased = all.snapshots.size();
  copy.entries = all.entries;
  copy.bytes = all.bytes;
  if (const std::optional<Repository> repository = opened(main, domain, stop)) forget_locally(*repository);
  remove_grants_in(main.root(), main.config(), domain.id, stop);
  remove_objects(*main.root().open_folder(to_hex(domain.id.view())), stop);
  copy.passed = nothing_is_left(main, domain, stop);
  copy.tested = wall_clock_ns();
  return copy;
}

}  // namespace igudar
