#include <algorithm>
#include <set>

#include "base/hex.h"
#include "base/translate.h"
#include "format/refset.h"
#include "ops/list/list.h"
#include "repo/gc_state.h"
#include "repo/known_repositories.h"
#include "repo/snapshot_catalogue.h"
#include "repo/table_cursor.h"

namespace igudar {

namespace {

// Reads the chunk records of one segment in order, some at a time.
class RecordCursor {
 public:
  explicit RecordCursor(const MappedSegment& rows) : rows_(rows), window_(kWindow) { fill(); }

  bool done() const { return at_ == filled_; }
  const MappedSegment::ChunkRecord& record() const { return window_[at_]; }
  void advance() {
    if (++at_ == filled_) fill();
  }

 private:
  static constexpr std::uint64_t kWindow = 1024;
  void fill() {
    filled_ = static_cast<std::size_t>(std::min(kWindow, rows_.chunk_count() - next_));
    if (filled_ > 0) rows_.read_records(next_, filled_, window_.data());
    next_ += filled_;
    at_ = 0;
  }

  const MappedSegment& rows_;
  std::vector<MappedSegment::ChunkRecord> window_;
  std::uint64_t next_ = 0;
  std::size_t filled_ = 0;
  std::size_t at_ = 0;
};

// Counts each chunk once, though it may be in several packs and segments.
void add_distinct_chunks(const BlobIndex::Segments& segments, RepositoryStats& stats) {
  std::vector<RecordCursor> cursors;
  for (const BlobIndex::LoadedSegment& segment : segments) cursors.emplace_back(*segment.rows);
  const auto later = [&](std::size_t a, std::size_t b) { return cursors[b].record().id < cursors[a].record().id; };
  std::vector<std::size_t> heap;
  for (std::size_t i = 0; i < cursors.size(); ++i)
    if (!cursors[i].done()) heap.push_back(i);
  std::make_heap(heap.begin(), heap.end(), later);
  std::optional<ChunkId> last;
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), later);
    RecordCursor& cursor = cursors[heap.back()];
    if (const MappedSegment::ChunkRecord& record = cursor.record(); last != record.id) {
      last = record.id;
      ++stats.chunks;
      stats.plain_bytes += record.size;
    }
    cursor.advance();
    if (cursor.done())
      heap.pop_back();
    else
      std::push_heap(heap.begin(), heap.end(), later);
  }
}

// What all snapshots need, the pages of their reference sets included.
RefSet all_references(const Repository& repository, ReaderIndex& index, const SnapshotCatalogue& catalogue,
                      RunMonitor& monitor, const std::stop_token& stop) {
  RefSet references;
  ChunkReader chunks(repository, index);
  std::set<ChunkId> seen;
  monitor.totals(catalogue.snapshots().size(), 0);
  for (const CataloguedSnapshot& each : catalogue.snapshots()) {
    for (const OrdinalRange& range : each.snapshot.refset_pages)
      references.add_range(range.session, range.stream, range.first, range.count);
    if (seen.insert(each.snapshot.refset.page).second) {
      TableCursor blocks(chunks, ChunkType::refset, each.snapshot.refset);
      while (blocks.next(stop)) references.merge(decode_ref_key(blocks.key()), RefBits::decode(blocks.value()));
    }
    monitor.advance(1, 0);
  }
  return references;
}

// Frames that no snapshot names, all of a condemned pack, and packs that the index does not know.
std::uint64_t unused_bytes(const BlobIndex::Segments& segments, const std::map<PackName, std::uint64_t>& listed,
                           const std::set<PackName>& condemned, const RefSet& references) {
  std::uint64_t unused = 0;
  std::set<PackName> counted;
  for (const BlobIndex::LoadedSegment& segment : segments) {
    std::vector<bool> counts;
    for (std::uint32_t i = 0; i < segment.rows->pack_count(); ++i) {
      const PackName name = segment.rows->pack(i).name;
      counts.push_back(listed.contains(name) && !condemned.contains(name) && counted.insert(name).second);
    }
    for (std::uint32_t i = 0; i < segment.rows->frame_count(); ++i) {
      const SegmentFrame frame = segment.rows->frame(i);
      if (!counts[frame.pack]) continue;
      const SessionId session = segment.rows->session(frame.info.session).id;
      if (!references.contains_any(session, frame.info.stream, frame.info.first_ordinal, frame.info.chunks))
        unused += frame.info.sealed_size();
    }
  }
  for (const auto& [name, size] : listed)
    if (!counted.contains(name)) unused += size;
  return unused;
}

}  // namespace

RepositoryStats repository_stats(Repository& repository, RunMonitor& monitor, std::stop_token stop) {
  repository.config().require_support(Operation::read);
  monitor.phase(tr("Reading the index"));
  RepositoryStats stats;
  stats.repository_id = to_hex(repository.config().repository.view());
  stats.authority = authority_fingerprint(repository.config().authority);
  const GcState gc = read_gc_state(repository, stop);
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, stop);
  for (const CataloguedSnapshot& each : catalogue.snapshots()) {
    ++stats.snapshots;
    stats.restore_bytes += each.snapshot.statistics.bytes;
    stats.files += each.snapshot.statistics.files;
  }
  ReaderIndex index(repository, {}, stop);
  std::map<PackName, std::uint64_t> packs;
  for (const ObjectKind kind : kAllObjectKinds)
    for (const ObjectInfo& object : repository.store().list(kind, stop)) {
      stats.total_bytes += object.size;
      if (kind == ObjectKind::index) stats.index_bytes += object.size;
      if (kind != ObjectKind::pack) continue;
      ++stats.packs;
      stats.pack_bytes += object.size;
      if (const std::optional<PackName> name = parse_pack_id(object.name.id)) packs[*name] = object.size;
    }
  const std::shared_ptr<const BlobIndex::Segments> segments = index.current()->segments();
  add_distinct_chunks(*segments, stats);
  monitor.phase(tr("Reading the reference sets"));
  stats.unused_bytes =
      unused_bytes(*segments, packs, gc.condemned, all_references(repository, index, catalogue, monitor, stop));
  return stats;
}

}  // namespace igudar
