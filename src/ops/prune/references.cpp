#include "ops/prune/references.h"

#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::size_t kShownDigits = 12;

std::string short_id(const Id32& id) {
  return to_hex(id.view()).substr(0, kShownDigits);
}

[[noreturn]] void refuse(const std::string& id, const std::string& why) {
  throw Error(
      ErrorCode::damaged,
      trf("nothing was deleted: the snapshot {} cannot be read, so its data cannot be told from garbage ({})",
          id.substr(0, kShownDigits), why),
      trf("Bring it back from a copy of the repository, or give it up: igudar forget {}", id.substr(0, kShownDigits)));
}

}  // namespace

ReferenceMarker::ReferenceMarker(const Repository& repository, const BlobIndex& index, PackUsage& usage)
    : chunks_(repository, index), usage_(usage) {}

std::uint64_t ReferenceMarker::mark(const CataloguedSnapshot& snapshot, std::stop_token stop) {
  std::uint64_t missing = 0;
  for (const OrdinalRange& pages : snapshot.snapshot.refset_pages) missing += usage_.mark(pages);
  PageVisitor visitor;
  visitor.enter = [&](const ChunkId& id, std::uint8_t) { return visited_.insert(id).second; };
  visitor.visit = [&](const ChunkId&, std::uint8_t level, ByteView page) {
    if (level > 0) return;
    LeafReader leaf(page);
    while (leaf.next()) missing += usage_.mark(decode_ref_key(leaf.key()), RefBits::decode(leaf.value()));
  };
  try {
    visit_pages(chunks_, ChunkType::refset, snapshot.snapshot.refset, visitor, stop);
  } catch (const Error& error) {
    if (!is_damage(error) && error.code() != ErrorCode::not_found) throw;
    refuse(to_hex(snapshot.id.view()), error.what());
  }
  return missing;
}

void report_missing(const CataloguedSnapshot& snapshot, std::uint64_t chunks, RunMonitor& monitor) {
  if (chunks == 0) return;
  monitor.problem(to_hex(snapshot.id.view()),
                  Error(ErrorCode::damaged, trf("{} chunks that the snapshot needs are in no pack", chunks),
                        tr("Run 'igudar check' to see what is affected.")));
}

SnapshotCatalogue load_complete_catalogue(const Repository& repository, std::stop_token stop) {
  SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, stop);
  for (const DamagedObject& object : catalogue.damaged())
    if (object.name.kind == ObjectKind::snapshot) refuse(object.name.id, object.error.what());
  if (const std::vector<Id32> missing = catalogue.missing(); !missing.empty())
    refuse(to_hex(missing.front().view()), trf("the storage has lost the record {}", short_id(missing.front())));
  return catalogue;
}

void require_none_unreadable(const std::set<PackName>& packs) {
  if (packs.empty()) return;
  throw Error(ErrorCode::damaged,
              trf("nothing was deleted: snapshots need what lies in {}, and it cannot be read",
                  pack_object(*packs.begin()).to_string()),
              tr("Run it again. If it says the same, 'igudar check --read-data' shows which snapshots are affected: "
                 "give them up with 'igudar forget'."));
}

}  // namespace igudar
