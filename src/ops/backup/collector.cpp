#include "ops/backup/collector.h"

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "format/entry_codec.h"

namespace igudar {

Collector::Collector(WriteSession& session, const PageCutter& cutter, FilesCacheWriter* files, BackupSummary& summary,
                     RunMonitor& monitor)
    : session_(session),
      cutter_(cutter),
      files_(files),
      summary_(summary),
      monitor_(monitor),
      pages_(session.open_stream(ChunkType::page)),
      extent_lists_(session.open_stream(ChunkType::extents)),
      tree_(ChunkType::page, cutter, session.repository().keys().chunk_hasher(),
            [this](const ChunkId& id, ByteView page) { pages_->add_known(id, page, own_places_); }),
      extents_([this](ByteView list) {
        const ChunkId id = extent_lists_->add(list, own_places_);
        if (files_ != nullptr) below_.push_back(id);
        return id;
      }) {}

void Collector::refer(std::vector<OrdinalRange>& places) {
  for (const OrdinalRange& place : places) references_.add_range(place.session, place.stream, place.first, place.count);
  places.clear();
}

void Collector::add(Batch& batch, std::stop_token stop) {
  // A worker that is stopped leaves its batch incomplete.
  if (batch.needs_worker && (!batch.done.wait(stop) || stop.stop_requested())) return;
  if (batch.part) add_part(*batch.part);
  for (BackupItem& item : batch.items) add_item(item);
  refer(batch.places);
  refer(own_places_);
}

void Collector::add_item(BackupItem& item) {
  if (item.state == ItemState::dropped) return;
  if (item.state == ItemState::unchanged) {
    add_entry(item);
    return;
  }
  Entry& entry = *item.entry;
  const std::pair inode(item.stat.device, item.stat.inode);
  if (item.state == ItemState::linked) {
    const auto first = linked_.find(inode);
    if (first == linked_.end()) {
      ++summary_.unreadable;
      monitor_.problem(entry.path, Error(ErrorCode::io, tr("the file could not be read under another of its names"),
                                         tr("Run the backup again.")));
      return;
    }
    const Entry& read = *first->second.entry;
    entry.content = read.content;
    entry.digests = read.digests;
    entry.meta.size = read.meta.size;
    item.below = first->second.below;
    encode_entry_value(entry, item.value);
    item.sums = sums_of(entry);
  } else {
    if (item.stat.is_file()) summary_.read_bytes += entry.meta.size;
    if (entry.content.extents.size() > kMostDirectExtents) {
      add_extents(entry.content.extents);  // of many small holes
      entry.content = finish_extents(item.below);
      item.value.clear();
      encode_entry_value(entry, item.value);
    }
  }
  add_entry(item);
  if (item.state == ItemState::to_read && entry.meta.links > 1 && item.stat.is_file())
    linked_[inode] = {std::move(item.entry), std::move(item.below)};
}

void Collector::add_extents(const std::vector<Extent>& extents) {
  for (const Extent& extent : extents) {
    if (files_ != nullptr && extent.chunk) below_.push_back(*extent.chunk);
    extents_.add(extent);
  }
}

Content Collector::finish_extents(std::vector<ChunkId>& below) {
  Content content = extents_.finish();
  if (content.level > 0) below = std::move(below_);
  below_.clear();
  return content;
}

void Collector::add_part(LargePart& part) {
  add_extents(part.extents);
  summary_.read_bytes += part.bytes_read;
  monitor_.advance(0, part.range.size);
  if (!part.last) return;
  BackupItem& item = part.file->item;
  Entry& entry = *item.entry;
  entry.content = finish_extents(item.below);
  if (item.state == ItemState::dropped) return;
  entry.meta.size = 0;
  for (const Extent& extent : entry.content.extents) entry.meta.size += extent.size;
  if (part.file->reader && part.file->reader->changed_since_open())
    monitor_.note(trf("{} changed while it was read: what was stored may mix two states", entry.path));
  encode_entry_value(entry, item.value);
  item.sums = sums_of(entry);
  add_entry(item);
  if (entry.meta.links > 1)
    linked_[{item.stat.device, item.stat.inode}] = {std::move(item.entry), std::move(item.below)};
}

void Collector::add_entry(BackupItem& item) {
  tree_.add(item.key, item.value, item.sums);
  if (files_ != nullptr) files_->add(item.key, item.value, item.below);
  count(item);
}

void Collector::count(const BackupItem& item) {
  const auto type = static_cast<EntryType>(item.value[0]);
  const char* what = item.state == ItemState::unchanged ? "unchanged" : item.existed ? "changed" : "new";
  if (type == EntryType::file) {
    ++(item.state == ItemState::unchanged ? summary_.files_unchanged
       : item.existed                     ? summary_.files_changed
                                          : summary_.files_new);
    summary_.total_bytes += item.sums.bytes;
  } else {
    ++(type == EntryType::directory ? summary_.directories : summary_.other_entries);
  }
  const bool counted_by_parts = item.state == ItemState::to_read && type == EntryType::file && !item.entry;
  monitor_.advance(1, counted_by_parts ? 0 : item.sums.bytes);
  shown_path_ = item.key;
  std::replace(shown_path_.begin(), shown_path_.end(), '\0', '/');
  monitor_.item(shown_path_, what, item.sums.bytes);
}

TableRoot Collector::finish_tree() {
  const TableRoot root = tree_.finish();
  refer(own_places_);
  extent_lists_->flush();
  pages_->flush();
  return root;
}

TableRoot Collector::finish_refset(std::vector<OrdinalRange>& pages) {
  const auto stream = session_.open_stream(ChunkType::refset);
  TableBuilder table(ChunkType::refset, cutter_, session_.repository().keys().chunk_hasher(),
                     [&](const ChunkId& id, ByteView page) { stream->add_known(id, page, pages); });
  for (const auto& [key, bits] : references_.blocks()) {
    const Bytes value = bits.encode();
    table.add(encode_ref_key(key), value, {1, bits.count(), 0, 0});
  }
  const TableRoot root = table.finish();
  stream->flush();
  return root;
}

}  // namespace igudar
