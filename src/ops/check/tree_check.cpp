#include "ops/check/tree_check.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "format/entry_codec.h"
#include "repo/extent_walk.h"

namespace igudar {

namespace {

[[noreturn]] void fail(const char* reason) {
  throw Error(ErrorCode::damaged, reason);
}

PageSums reference_sums(ByteView value) {
  return {1, RefBits::decode(value).count(), 0, 0};
}

}  // namespace

TreeCheck::TreeCheck(const Repository& repository, const BlobIndex& index, Findings& findings, LostFrames& lost)
    : reads_trees_(repository.keys().can_read()),
      index_(index),
      findings_(findings),
      lost_(lost),
      chunks_(repository, index, [this](const ChunkLocation& copy, const Error& error) { report_copy(copy, error); }),
      lists_(
          repository, index, [this](const ChunkLocation& copy, const Error& error) { report_copy(copy, error); },
          ChunkReader::kListCacheBytes) {}

void TreeCheck::check(const CataloguedSnapshot& snapshot, std::stop_token stop) {
  stop_ = std::move(stop);
  object_ = "snapshots/" + to_hex(snapshot.id.view());
  const TableRoot& root = snapshot.snapshot.tree;
  const TakeEntry take = [this](const std::string& key, ByteView value, Page& page) {
    return take_tree_entry(key, value, page);
  };
  if (reads_trees_ && !verify(pages_, ChunkType::page, root.page, root.level, take).whole)
    findings_.affect(snapshot.id);
  if (!checked_.emplace(root.page, snapshot.snapshot.refset.page).second) return;
  RefSet references;
  const bool complete = read_references(snapshot.snapshot, references);
  for (const auto& [key, bits] : references.blocks()) references_.merge(key, bits);
  std::set<ChunkId> visited;
  if (reads_trees_ && complete) check_references(root.page, references, visited);
}

const TreeCheck::Page& TreeCheck::verify(Pages& pages, ChunkType type, const ChunkId& id, std::uint8_t level,
                                         const TakeEntry& take) {
  const auto [place, is_new] = pages.try_emplace(id);
  Page& page = place->second;
  if (!is_new) {
    if (page.level != level) report_page(id, tr("two pages disagree on its level"));
    return page;
  }
  page.level = level;
  try {
    const Bytes bytes = copy_of(chunks_.read(type, id, stop_));
    page.whole = true;
    if (const auto location = index_.find(id)) add_run(page, *location);
    if (level == 0)
      read_leaf(page, bytes, take);
    else
      read_inner(pages, type, page, bytes, take);
    page.readable = true;
  } catch (const Error& error) {
    if (!is_about_object(error)) throw;
    page.whole = false;
    report_page(id, error.what());
  }
  return page;
}

void TreeCheck::read_leaf(Page& page, ByteView bytes, const TakeEntry& take) {
  LeafReader leaf(bytes);
  for (bool first = true; leaf.next(); first = false) {
    if (first) page.first_key = leaf.key();
    page.last_key = leaf.key();
    page.sums.add(take(leaf.key(), leaf.value(), page));
  }
}

void TreeCheck::read_inner(Pages& pages, ChunkType type, Page& page, ByteView bytes, const TakeEntry& take) {
  const TablePage decoded = decode_page(bytes, page.level);
  const Page* before = nullptr;
  for (const ChildPage& child : decoded.children) {
    page.sums.add(child.sums);
    page.children.push_back(child.page);
    const Page& below = verify(pages, type, child.page, static_cast<std::uint8_t>(page.level - 1), take);
    page.whole = page.whole && below.whole;
    if (!below.readable) continue;
    if (below.first_key != child.first_key || (before != nullptr && before->last_key >= below.first_key))
      fail(tr("the keys of its pages are not in order"));
    if (below.sums != child.sums) fail(tr("its sums are not those of the pages below"));
    before = &below;
  }
  page.first_key = decoded.children.front().first_key;
  page.last_key = before != nullptr ? before->last_key : decoded.children.back().first_key;
}

PageSums TreeCheck::take_tree_entry(const std::string& key, ByteView value, Page& page) {
  (void)path_of_key(key);
  decode_entry_value(value, entry_);
  try {
    visit_chunks(entry_.content, [&](ChunkType type, const Extent& extent) { refer(page, type, extent, key); });
  } catch (const Error& error) {
    if (!is_about_object(error)) throw;
    page.whole = false;
    findings_.absence(Topic::file, object_, trf("/{} cannot be restored whole: {}", path_of_key(key), error.what()));
  }
  return sums_of(entry_);
}

void TreeCheck::visit_chunks(const Content& content, const VisitChunk& visit) {
  const auto visit_chunk = [&](const VisitedExtent& visited) {
    if (visited.extent.chunk) visit(visited.type(), visited.extent);
    return true;
  };
  visit_extents(content, lists_, visit_chunk, stop_);
}

void TreeCheck::refer(Page& page, ChunkType type, const Extent& extent, const std::string& key) {
  const std::optional<ChunkLocation> location = index_.find(*extent.chunk);
  if (location && (type != ChunkType::data || location->size == extent.size)) return add_run(page, *location);
  page.whole = false;
  if (location)
    findings_.damage(Topic::chunk, object_,
                     trf("/{}: chunk {} does not have the size that the entry says", path_of_key(key),
                         to_hex(extent.chunk->view())));
  else
    findings_.absence(Topic::chunk, object_,
                      trf("/{} cannot be restored whole: no pack in the index has chunk {}", path_of_key(key),
                          to_hex(extent.chunk->view())));
}

void TreeCheck::add_run(Page& page, const ChunkLocation& location) {
  const Place place = place_of(location);
  const std::uint64_t ordinal = place.first_ordinal + location.number;
  if (!page.runs.empty()) {
    Run& last = page.runs.back();
    if (last.session == place.session && last.stream == place.stream && ordinal >= last.first &&
        ordinal <= last.first + last.count) {
      last.count = std::max(last.count, ordinal + 1 - last.first);
      return;
    }
  }
  page.runs.push_back({place.session, place.stream, ordinal, 1});
}

TreeCheck::Place TreeCheck::place_of(const ChunkLocation& location) {
  if (location.frame_key() == last_frame_) return last_place_;
  const FrameLocation frame = index_.frame(location);
  const auto [session, is_new] =
      session_ordinals_.try_emplace(frame.session.id, static_cast<std::uint32_t>(sessions_.size()));
  if (is_new) sessions_.push_back(frame.session.id);
  last_frame_ = location.frame_key();
  last_place_ = {session->second, frame.info.stream, frame.info.first_ordinal};
  return last_place_;
}

// False when the set cannot be read whole, which was reported.
bool TreeCheck::read_references(const Snapshot& snapshot, RefSet& references) {
  Pages pages;
  const TakeEntry take = [&](const std::string& key, ByteView value, Page&) {
    references.merge(decode_ref_key(key), RefBits::decode(value));
    return reference_sums(value);
  };
  if (!verify(pages, ChunkType::refset, snapshot.refset.page, snapshot.refset.level, take).whole) return false;
  RefSet own;
  for (const OrdinalRange& range : snapshot.refset_pages)
    own.add_range(range.session, range.stream, range.first, range.count);
  for (const auto& [key, bits] : own.blocks()) references_.merge(key, bits);
  for (const auto& [id, page] : pages)
    if (!names_copy(own, id))
      findings_.damage(Topic::references, object_,
                       tr("it does not name all pages of its reference set: a prune would remove them"));
  return true;
}

void TreeCheck::check_references(const ChunkId& id, const RefSet& references, std::set<ChunkId>& visited) {
  const auto found = pages_.find(id);
  if (found == pages_.end() || !visited.insert(id).second) return;
  const Page& page = found->second;
  if (page.readable &&
      !std::all_of(page.runs.begin(), page.runs.end(), [&](const Run& run) { return names_run(references, run); }))
    find_unnamed(id, page, references);
  for (const ChunkId& child : page.children) check_references(child, references, visited);
}

bool TreeCheck::names_run(const RefSet& references, const Run& run) const {
  RefKey key{sessions_[run.session], run.stream, 0};
  const RefBits* bits = nullptr;
  for (std::uint64_t ordinal = run.first; ordinal < run.first + run.count; ++ordinal) {
    if (const auto block = static_cast<std::uint32_t>(ordinal / kRefBlock); bits == nullptr || block != key.block) {
      key.block = block;
      const auto found = references.blocks().find(key);
      if (found == references.blocks().end()) return false;
      bits = &found->second;
    }
    if (!bits->test(static_cast<std::uint32_t>(ordinal % kRefBlock))) return false;
  }
  return true;
}

// A copy that is gone counts: while the index tells what it was, a prune keeps another one in its place.
bool TreeCheck::names_copy(const RefSet& references, const ChunkId& id) const {
  const std::shared_ptr<const BlobIndex::Segments> segments = index_.segments();
  return std::any_of(segments->begin(), segments->end(), [&](const BlobIndex::LoadedSegment& segment) {
    return segment.rows->may_contain(id) && segment.rows->find(id, [&](const MappedSegment::ChunkRecord& record) {
      const SegmentFrame frame = segment.rows->frame(record.frame);
      return references.contains(segment.rows->session(frame.info.session).id, frame.info.stream,
                                 frame.info.first_ordinal + record.number);
    });
  });
}

// A run that is not named may still have other copies that are: so each chunk of the page is looked at by itself.
void TreeCheck::find_unnamed(const ChunkId& id, const Page& page, const RefSet& references) {
  if (!names_copy(references, id))
    findings_.damage(Topic::references, object_,
                     trf("its reference set does not name page {}: a prune would remove it", to_hex(id.view())));
  if (page.level > 0) return;
  const Bytes bytes = copy_of(chunks_.read(ChunkType::page, id, stop_));
  LeafReader leaf(bytes);
  while (leaf.next()) {
    decode_entry_value(leaf.value(), entry_);
    try {
      visit_chunks(entry_.content, [&](ChunkType, const Extent& extent) {
        if (index_.find(*extent.chunk) && !names_copy(references, *extent.chunk))
          findings_.damage(
              Topic::references, object_,
              trf("its reference set does not name all of /{}: a prune would remove it", path_of_key(leaf.key())));
      });
    } catch (const Error& error) {
      if (!is_about_object(error)) throw;  // reported when the page was read
    }
  }
}

// The error was thrown on the way to another copy, or to the report of what needs this one.
void TreeCheck::report_copy(const ChunkLocation& copy, const Error& error) {
  const FrameLocation frame = index_.frame(copy);
  lost_.add(frame.pack.name, frame.offset);
  const std::string pack = pack_object(frame.pack.name).to_string();
  const std::string text = trf("the frame at offset {} cannot be used: {}", frame.offset, error.message());
  if (error.code() == ErrorCode::not_found)
    findings_.absence(Topic::frame, pack, text);
  else
    findings_.damage(Topic::frame, pack, text);
}

void TreeCheck::report_page(const ChunkId& id, const std::string& reason) {
  findings_.absence(Topic::page, object_, trf("page {} cannot be used: {}", to_hex(id.view()), reason));
}

}  // namespace igudar
