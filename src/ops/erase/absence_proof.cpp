#include "ops/erase/absence_proof.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "format/pack.h"
#include "format/sealed_record.h"
#include "ops/matching_entries.h"
#include "repo/damaged_object.h"

namespace igudar {

namespace {

class Proof {
 public:
  Proof(const Repository& repository, const ErasureTarget& target, const std::unordered_set<ChunkId>& chunks,
        RunMonitor& monitor, const std::stop_token& stop)
      : repository_(repository), target_(target), chunks_(chunks), monitor_(monitor), stop_(stop) {}

  AbsenceProof run() {
    const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository_, CatalogueSource::store, stop_);
    const std::unique_ptr<BlobIndex> index = BlobIndex::load(repository_, {}, {}, stop_);
    monitor_.phase(tr("Testing that nothing is left"));
    test_snapshots(catalogue, *index);
    test_index(catalogue, *index);
    test_packs();
    return std::move(result_);
  }

 private:
  void finding(std::string text) { result_.findings.push_back(std::move(text)); }

  void test_snapshots(const SnapshotCatalogue& catalogue, const BlobIndex& index) {
    for (const DamagedObject& damaged : catalogue.damaged())
      finding(trf("{} cannot be read: {}", damaged.name.to_string(), damaged.error.what()));
    for (const ObjectInfo& object : repository_.store().list(ObjectKind::snapshot, stop_))
      for (const SnapshotId& id : target_.snapshots)
        if (object.name.id == to_hex(id.view())) finding(trf("the snapshot {} is still there", object.name.id));
    if (!target_.is_of_paths()) return;
    const PathPatterns patterns(target_.patterns);
    ChunkReader pages(repository_, index);
    MatchingEntries matching(pages, [&](std::string_view path, bool folder) { return patterns.matches(path, folder); });
    for (const CataloguedSnapshot& each : catalogue.snapshots()) {
      const std::vector<std::string>& paths = each.snapshot.description->paths;
      const bool named =
          std::any_of(paths.begin(), paths.end(), [&](const auto& p) { return patterns.matches(p, true); });
      if (named || matching.count(each.snapshot, stop_).entries > 0)
        finding(trf("the snapshot {} still has what was erased", to_hex(each.id.view())));
    }
  }

  void test_index(const SnapshotCatalogue& catalogue, BlobIndex& index) {
    if (target_.is_of_paths() && !find_erased(repository_, index, catalogue, target_, monitor_, stop_).chunks.empty())
      finding(tr("some pages still name what was erased"));
    const auto left = std::count_if(chunks_.begin(), chunks_.end(), [&](const ChunkId& id) { return index.find(id); });
    if (left > 0) finding(trf("the index still has {} of the erased chunks", left));
  }

  void test_packs() {
    if (chunks_.empty()) return;
    for (const ObjectInfo& object : repository_.store().list(ObjectKind::pack, stop_)) {
      if (stop_.stop_requested()) throw Error(ErrorCode::interrupted, tr("stopped"));
      try {
        if (holds_any(object)) finding(trf("{} still has erased chunks", object.name.to_string()));
      } catch (const Error& error) {
        if (error.code() == ErrorCode::not_found) continue;  // a prune was faster
        if (!is_damage(error)) throw;
        finding(trf("{} cannot be read: {}", object.name.to_string(), error.what()));
      }
    }
  }

  bool holds_any(const ObjectInfo& object) const {
    const std::optional<PackName> name = parse_pack_id(object.name.id);
    if (!name || object.size < kFooterSize) return false;
    Bytes footer_bytes(kFooterSize);
    repository_.store().get_range(object.name, object.size - kFooterSize, footer_bytes, stop_);
    const PackFooter footer = decode_footer(footer_bytes, object.size);
    Bytes sealed(static_cast<std::size_t>(footer.toc_size));
    repository_.store().get_range(object.name, footer.toc_offset, sealed, stop_);
    const TableOfContents toc =
        decode_toc(open_record(repository_.keys().index_keys().of(footer.epoch), kTocInfo, name->view(), sealed));
    return std::any_of(toc.ids.begin(), toc.ids.end(), [&](const ChunkId& id) { return chunks_.contains(id); });
  }

  const Repository& repository_;
  const ErasureTarget& target_;
  const std::unordered_set<ChunkId>& chunks_;
  RunMonitor& monitor_;
  const std::stop_token& stop_;
  AbsenceProof result_;
};

}  // namespace

AbsenceProof prove_absence(const Repository& repository, const ErasureTarget& target,
                           const std::unordered_set<ChunkId>& chunks, RunMonitor& monitor,
                           const std::stop_token& stop) {
  return Proof(repository, target, chunks, monitor, stop).run();
}

}  // namespace igudar
