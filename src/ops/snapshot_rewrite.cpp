#include "ops/snapshot_rewrite.h"

#include "base/translate.h"
#include "format/entry_codec.h"
#include "repo/extent_walk.h"
#include "repo/table_builder.h"
#include "repo/table_cursor.h"

namespace igudar {

namespace {

class Rewriting {
 public:
  Rewriting(WriteSession& session, const RewritingView& view, const LeavesOut& leaves_out, RunMonitor& monitor)
      : session_(session),
        leaves_out_(leaves_out),
        monitor_(monitor),
        cutter_(session.repository().keys().page_cutter()),
        source_pages_(session.repository(), view.readable()),
        source_lists_(session.repository(), view.readable(), {}, ChunkReader::kListCacheBytes),
        source_chunks_(session.repository(), view.readable()),
        pages_(session.open_stream(ChunkType::page)),
        lists_(session.open_stream(ChunkType::extents)),
        data_(session.open_stream(ChunkType::data)) {}

  RewrittenTree run(const Snapshot& snapshot, const std::stop_token& stop) {
    RewrittenTree result;
    result.stored.scan_time = snapshot.scan_time;
    result.stored.base = snapshot.base;
    store_tree(snapshot, result, stop);
    for (WriteSession::ChunkStream* stream : {data_.get(), lists_.get(), pages_.get()}) stream->flush();
    store_references(result);
    session_.finish(stop);
    return result;
  }

 private:
  void store_tree(const Snapshot& snapshot, RewrittenTree& result, const std::stop_token& stop) {
    TableBuilder tree(ChunkType::page, cutter_, session_.repository().keys().chunk_hasher(),
                      [this](const ChunkId& id, ByteView page) {
                        pages_->add_known(id, page, places_);
                        refer();
                      });
    TableCursor entries(source_pages_, ChunkType::page, snapshot.tree);
    while (entries.next(stop)) {
      if (stop.stop_requested()) throw Error(ErrorCode::interrupted, tr("stopped"));
      const Entry entry = decode_entry(entries.key(), entries.value());
      const PageSums sums = sums_of(entry);
      monitor_.advance(1, sums.bytes);
      if (leaves_out_ && leaves_out_(entry.path, entry.meta.type == EntryType::directory)) {
        ++result.left_out;
        result.left_out_bytes += sums.bytes;
        continue;
      }
      keep_content(entry.content, stop);
      tree.add(entries.key(), entries.value(), sums);
      ++result.entries;
      result.files += sums.files;
      result.bytes += sums.bytes;
    }
    result.stored.tree = tree.finish();
  }

  // Refers to each chunk where it lies; those that no sound frame has are stored again.
  void keep_content(const Content& content, const std::stop_token& stop) {
    const auto keep = [&](const VisitedExtent& visited) {
      if (visited.extent.chunk) keep_chunk(visited.type(), *visited.extent.chunk, stop);
      return true;
    };
    (void)visit_extents(content, source_lists_, keep, stop);
  }

  void keep_chunk(ChunkType type, const ChunkId& id, const std::stop_token& stop) {
    if (const std::optional<OrdinalRange> place = session_.place_of(id)) {
      append_range(places_, *place);
    } else {
      const auto& stream = type == ChunkType::data ? data_ : lists_;
      stream->add_known(id, source_chunks_.read(type, id, stop), places_);
    }
    refer();
  }

  void refer() {
    for (const OrdinalRange& place : places_)
      references_.add_range(place.session, place.stream, place.first, place.count);
    places_.clear();
  }

  void store_references(RewrittenTree& result) {
    const auto stream = session_.open_stream(ChunkType::refset);
    TableBuilder table(
        ChunkType::refset, cutter_, session_.repository().keys().chunk_hasher(),
        [&](const ChunkId& id, ByteView page) { stream->add_known(id, page, result.stored.refset_pages); });
    for (const auto& [key, bits] : references_.blocks())
      table.add(encode_ref_key(key), bits.encode(), {1, bits.count(), 0, 0});
    result.stored.refset = table.finish();
    stream->flush();
  }

  WriteSession& session_;
  const LeavesOut& leaves_out_;
  RunMonitor& monitor_;
  const PageCutter cutter_;
  ChunkReader source_pages_;
  ChunkReader source_lists_;
  ChunkReader source_chunks_;
  std::unique_ptr<WriteSession::ChunkStream> pages_;
  std::unique_ptr<WriteSession::ChunkStream> lists_;
  std::unique_ptr<WriteSession::ChunkStream> data_;
  std::vector<OrdinalRange> places_;
  RefSet references_;
};

}  // namespace

RewrittenTree store_rewritten(WriteSession& session, const RewritingView& view, const Snapshot& snapshot,
                              const LeavesOut& leaves_out, RunMonitor& monitor, const std::stop_token& stop) {
  return Rewriting(session, view, leaves_out, monitor).run(snapshot, stop);
}

}  // namespace igudar
