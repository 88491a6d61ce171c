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
    : index_(index), chunks_(repository, index), usage_(usage) {}

std::uint64_t ReferenceMarker::mark(const CataloguedSnapshot& snapshot, std::stop_token stop) {
  std::uint64_t missing = 0;
  RefSet own_pages;
  for (const OrdinalRange& pages : snapshot.snapshot.refset_pages)
    own_pages.add_range(pages.session, pages.stream, pages.first, pages.count);
  for (const auto& [key, bits] : own_pages.blocks()) missing += mark_block(key, bits);
  PageVisitor visitor;
  visitor.enter = [&](const ChunkId& id, std::uint8_t) { return visited_.insert(id).second; };
  visitor.visit = [&](const ChunkId&, std::uint8_t level, ByteView page) {
    if (level > 0) return;
    LeafReader leaf(page);
    while (leaf.next()) missing += mark_block(decode_ref_key(leaf.key()), RefBits::decode(leaf.value()));
  };
  try {
    visit_pages(chunks_, ChunkType::refset, snapshot.snapshot.refset, visitor, stop);
  } catch (const Error& error) {
    if (!is_loss(error)) throw;
    refuse(to_hex(snapshot.id.view()), error.what());
  }
  return missing;
}

std::uint64_t ReferenceMarker::mark_block(const RefKey& key, const RefBits& bits) {
  const RefBits missing = usage_.mark(key, bits);
  if (missing.count() == 0) return 0;
  std::uint64_t lost = 0;
  RefSet others;
  for (std::uint32_t i = 0; i < kRefBlock; ++i)
    if (missing.test(i) && !add_other_copy(key.session, key.stream, std::uint64_t{key.block} * kRefBlock + i, others))
      ++lost;
  for (const auto& [other, copies] : others.blocks()) lost += usage_.mark(other, copies).count();
  return lost;
}

bool ReferenceMarker::add_other_copy(const SessionId& session, std::uint32_t stream, std::uint64_t ordinal,
                                     RefSet& others) {
  if (!gone_) gone_.emplace(index_);
  const std::optional<GoneFrames::Chunk> chunk = gone_->find(session, stream, ordinal);
  if (!chunk) return false;
  gone_packs_.insert(chunk->pack);
  const std::optional<ChunkLocation> other = index_.find(chunk->id);
  if (!other) return false;
  const FrameLocation frame = index_.frame(*other);
  others.add(frame.session.id, frame.info.stream, frame.info.first_ordinal + other->number);
  return true;
}

void report_missing(const CataloguedSnapshot& snapshot, std::uint64_t chunks, RunMonitor& monitor) {
  if (chunks == 0) return;
  monitor.problem(to_hex(snapshot.id.view()),
                  Error(ErrorCode::damaged,
                        trf_plural("{} chunk that the snapshot needs is in no pack",
                                   "{} chunks that the snapshot needs are in no pack", chunks, chunks),
                        tr("Run 'igudar check' to see what is affected.")));
}

SnapshotCatalogue load_complete_catalogue(const Repository& repository, std::stop_token stop) {
  SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, stop, Descriptions::closed);
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
