#include "ops/erase/erased_content.h"

#include <algorithm>

#include "base/translate.h"
#include "format/entry_codec.h"
#include "ops/stored_references.h"
#include "repo/damaged_object.h"
#include "repo/extent_walk.h"
#include "repo/indexed_frames.h"

namespace igudar {

namespace {

using ChunkIds = std::unordered_set<ChunkId>;
using ChunkRecord = MappedSegment::ChunkRecord;

void throw_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorCode::interrupted, tr("stopped"));
}

// The chunks of a segment that are there.
template <typename Visit>
void visit_chunks(const BlobIndex::LoadedSegment& segment, Visit&& visit) {
  constexpr std::uint64_t kBatch = 4096;
  std::vector<ChunkRecord> batch(kBatch);
  for (std::uint64_t at = 0; at < segment.rows->chunk_count(); at += kBatch) {
    const std::uint64_t count = std::min(kBatch, segment.rows->chunk_count() - at);
    segment.rows->read_records(at, count, batch.data());
    for (std::size_t i = 0; i < count; ++i)
      if (segment.has(batch[i].frame)) visit(batch[i]);
  }
}

// Finds what belongs to entries that patterns match.
class PathSearch {
 public:
  PathSearch(const Repository& repository, const BlobIndex& index, const PathPatterns& patterns, RunMonitor& monitor)
      : index_(index),
        patterns_(patterns),
        monitor_(monitor),
        frames_(repository),
        chunks_(repository, index),
        lists_(repository, index, {}, ChunkReader::kListCacheBytes) {}

  ErasedContent run(const SnapshotCatalogue& catalogue, const std::stop_token& stop) {
    const std::shared_ptr<const BlobIndex::Segments> segments = index_.segments();
    for (std::uint32_t i = 0; i < segments->size(); ++i) search_segment((*segments)[i], i, stop);
    for (const CataloguedSnapshot& each : catalogue.snapshots()) find_shared(each.snapshot.tree, stop);
    for (const ChunkId& id : content_) {
      if (shared_.contains(id)) continue;
      result_.chunks.insert(id);
      for (const ChunkLocation& copy : index_.copies(id)) doom(index_.frame(copy));
    }
    result_.chunks_shared = shared_.size();
    return std::move(result_);
  }

 private:
  void doom(const FrameLocation& frame) { result_.frames.add(frame.session.id, frame.info); }

  void search_segment(const BlobIndex::LoadedSegment& segment, std::uint32_t ordinal, const std::stop_token& stop) {
    std::vector<ChunkRecord> pages;
    visit_chunks(segment, [&](const ChunkRecord& chunk) {
      if (segment.rows->frame(chunk.frame).info.type == ChunkType::page) pages.push_back(chunk);
    });
    std::sort(pages.begin(), pages.end(), [](const auto& a, const auto& b) { return a.frame < b.frame; });
    for (auto first = pages.begin(); first != pages.end();) {
      throw_if_stopped(stop);
      const auto end = std::find_if(first, pages.end(), [&](const auto& each) { return each.frame != first->frame; });
      search_frame(index_.frame(ordinal, first->frame), {first, end}, stop);
      first = end;
    }
  }

  void search_frame(const FrameLocation& frame, std::span<const ChunkRecord> pages, const std::stop_token& stop) {
    Buffer plain;
    try {
      frames_.read(frame, plain, stop);
    } catch (const Error& error) {
      if (!is_loss(error)) throw;
      monitor_.problem(pack_name(frame), error);
      return;
    }
    for (const ChunkRecord& page : pages) {
      if (page.offset > plain.size() || page.size > plain.size() - page.offset) continue;
      if (!names_erased(plain.view().subspan(page.offset, page.size), stop)) continue;
      result_.chunks.insert(page.id);
      doom(frame);
    }
  }

  static std::string pack_name(const FrameLocation& frame) { return pack_object(frame.pack.name).to_string(); }

  // Whether a page names anything that is to go; notes the content of its entries if so.
  bool names_erased(ByteView page, const std::stop_token& stop) {
    try {
      return !page.empty() && page[0] == 0 ? leaf_names_erased(page, stop) : inner_names_erased(page);
    } catch (const Error& error) {
      if (!is_damage(error)) throw;
      return false;  // no table has it: check would tell
    }
  }

  bool inner_names_erased(ByteView page) const {
    if (page.empty()) return false;
    const TablePage decoded = decode_page(page, page[0]);
    return std::any_of(decoded.children.begin(), decoded.children.end(), [&](const ChildPage& child) {
      const std::string path = path_of_key(child.first_key);
      return patterns_.matches(path, true) || patterns_.matches(path, false);
    });
  }

  bool leaf_names_erased(ByteView page, const std::stop_token& stop) {
    bool any = false;
    LeafReader leaf(page);
    while (leaf.next()) {
      const Entry entry = decode_entry(leaf.key(), leaf.value());
      if (!matches(entry)) continue;
      any = true;
      note_content(entry.content, stop);
    }
    return any;
  }

  bool matches(const Entry& entry) const {
    return patterns_.matches(entry.path, entry.meta.type == EntryType::directory);
  }

  void note_content(const Content& content, const std::stop_token& stop) {
    const auto note = [&](const VisitedExtent& visited) {
      if (visited.extent.chunk) content_.insert(*visited.extent.chunk);
      return true;
    };
    try {
      (void)visit_extents(content, lists_, note, stop);
    } catch (const Error& error) {
      if (!is_loss(error)) throw;  // the lists of a page that no snapshot needs may be gone
    }
  }

  // What others in the snapshots need of the content found.
  void find_shared(const TableRoot& tree, const std::stop_token& stop) {
    const auto enter = [&](const ChunkId& id, std::uint8_t) {
      throw_if_stopped(stop);
      return visited_.insert(id).second;
    };
    const auto visit = [&](const ChunkId&, std::uint8_t level, ByteView page) {
      if (level > 0) return;
      LeafReader leaf(page);
      while (leaf.next()) {
        const Entry entry = decode_entry(leaf.key(), leaf.value());
        if (!matches(entry)) note_shared(entry.content, stop);
      }
    };
    if (!content_.empty()) visit_pages(chunks_, ChunkType::page, tree, {enter, visit}, stop);
  }

  void note_shared(const Content& content, const std::stop_token& stop) {
    const auto note = [&](const VisitedExtent& visited) {
      if (visited.extent.chunk && content_.contains(*visited.extent.chunk)) shared_.insert(*visited.extent.chunk);
      return true;
    };
    (void)visit_extents(content, lists_, note, stop);
  }

  const BlobIndex& index_;
  const PathPatterns& patterns_;
  RunMonitor& monitor_;
  FrameReader frames_;
  ChunkReader chunks_;
  ChunkReader lists_;
  ChunkIds content_;  // of the entries
  ChunkIds shared_;   // what others need of it
  ChunkIds visited_;  // pages
  ErasedContent result_;
};

RefSet references_of(const Repository& repository, BlobIndex& index, const std::vector<const Snapshot*>& snapshots,
                     const std::stop_token& stop) {
  RefSet all;
  for (const Snapshot* snapshot : snapshots) {
    throw_if_stopped(stop);
    const RefSet own = read_references(repository, index, snapshot->refset, snapshot->refset_pages, stop);
    for (const auto& [key, bits] : own.blocks()) all.merge(key, bits);
  }
  return all;
}

ErasedContent find_erased_snapshots(const Repository& repository, BlobIndex& index, const SnapshotCatalogue& catalogue,
                                    const std::set<SnapshotId>& erased, const std::stop_token& stop) {
  std::vector<const Snapshot*> going;
  std::vector<const Snapshot*> staying;
  for (const CataloguedSnapshot& each : catalogue.snapshots())
    (erased.contains(each.id) ? going : staying).push_back(&each.snapshot);
  ErasedContent result;
  if (going.empty()) return result;
  const RefSet gone = references_of(repository, index, going, stop);
  const RefSet kept = references_of(repository, index, staying, stop);

  const auto only_gone = [&](const IndexedFrame& frame, std::uint64_t ordinal) {
    return gone.contains(frame.session, frame.info.stream, ordinal) &&
           !kept.contains(frame.session, frame.info.stream, ordinal);
  };
  const std::shared_ptr<const BlobIndex::Segments> segments = index.segments();
  ChunkIds needed;
  for (const BlobIndex::LoadedSegment& segment : *segments) {
    const MappedSegment& rows = *segment.rows;
    visit_chunks(segment, [&](const ChunkRecord& chunk) {
      const SegmentFrame row = rows.frame(chunk.frame);
      const IndexedFrame frame{rows.pack(row.pack).name, rows.session(row.info.session).id, row.info, false};
      const std::uint64_t ordinal = row.info.first_ordinal + chunk.number;
      if (only_gone(frame, ordinal)) {
        result.chunks.insert(chunk.id);
        result.frames.add(frame.session, frame.info);
      } else if (kept.contains(frame.session, row.info.stream, ordinal)) {
        needed.insert(chunk.id);
      }
    });
  }
  result.chunks_shared = std::erase_if(result.chunks, [&](const ChunkId& id) { return needed.contains(id); });
  return result;
}

}  // namespace

ErasedContent find_erased(const Repository& repository, BlobIndex& index, const SnapshotCatalogue& catalogue,
                          const ErasureTarget& target, RunMonitor& monitor, const std::stop_token& stop) {
  monitor.phase(tr("Looking for what is to be erased"));
  if (!target.is_of_paths()) return find_erased_snapshots(repository, index, catalogue, target.snapshots, stop);
  const PathPatterns patterns(target.patterns);
  return PathSearch(repository, index, patterns, monitor).run(catalogue, stop);
}

}  // namespace igudar
