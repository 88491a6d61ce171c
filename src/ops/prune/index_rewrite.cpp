#include "ops/prune/index_rewrite.h"

#include <algorithm>
#include <map>

#include "crypto/hash.h"
#include "repo/blob_index.h"

namespace igudar {

namespace {

constexpr std::size_t kRecordBatch = 4096;
constexpr std::uint32_t kNone = ~std::uint32_t{0};

// Appends a sorted part to a sorted segment.
void join(IndexSegment& segment, IndexSegment part) {
  const auto first_pack = static_cast<std::uint32_t>(segment.packs.size());
  const auto first_frame = static_cast<std::uint32_t>(segment.frames.size());
  std::map<SessionRef, std::uint32_t> sessions;
  for (std::uint32_t i = 0; i < segment.sessions.size(); ++i) sessions[segment.sessions[i]] = i;
  std::vector<std::uint32_t> session_ordinals;
  for (const SessionRef& session : part.sessions) {
    const auto [known, added] = sessions.try_emplace(session, static_cast<std::uint32_t>(segment.sessions.size()));
    if (added) segment.sessions.push_back(session);
    session_ordinals.push_back(known->second);
  }
  segment.packs.insert(segment.packs.end(), part.packs.begin(), part.packs.end());
  for (SegmentFrame& frame : part.frames) {
    frame.pack += first_pack;
    frame.info.session = session_ordinals[frame.info.session];
    segment.frames.push_back(frame);
  }
  const auto middle = static_cast<std::ptrdiff_t>(segment.chunks.size());
  for (SegmentChunk& chunk : part.chunks) {
    chunk.frame += first_frame;
    segment.chunks.push_back(chunk);
  }
  std::inplace_merge(segment.chunks.begin(), segment.chunks.begin() + middle, segment.chunks.end());
}

void store_segment(const Repository& repository, const IndexSegment& segment, std::stop_token stop) {
  const KeyRing& keys = repository.keys();
  const Bytes object = encode_index_segment(keys.index_keys(), segment);
  repository.store().put(index_object(sha256(object)), object, Durability::durable, stop);
}

}  // namespace

IndexSegment part_of_segment(const MappedSegment& rows, const std::function<bool(std::uint32_t pack)>& keep) {
  IndexSegment part;
  std::vector<std::uint32_t> packs(static_cast<std::size_t>(rows.pack_count()), kNone);
  for (std::uint32_t i = 0; i < packs.size(); ++i) {
    if (!keep(i)) continue;
    packs[i] = static_cast<std::uint32_t>(part.packs.size());
    part.packs.push_back(rows.pack(i));
  }
  if (part.packs.empty()) return part;
  std::map<std::uint32_t, std::uint32_t> sessions;
  std::vector<std::uint32_t> frames(static_cast<std::size_t>(rows.frame_count()), kNone);
  for (std::uint32_t i = 0; i < frames.size(); ++i) {
    SegmentFrame frame = rows.frame(i);
    if (packs[frame.pack] == kNone) continue;
    const auto [session, added] =
        sessions.try_emplace(frame.info.session, static_cast<std::uint32_t>(part.sessions.size()));
    if (added) part.sessions.push_back(rows.session(frame.info.session));
    frame.pack = packs[frame.pack];
    frame.info.session = session->second;
    frames[i] = static_cast<std::uint32_t>(part.frames.size());
    part.frames.push_back(frame);
  }
  std::vector<MappedSegment::ChunkRecord> records(kRecordBatch);
  for (std::uint64_t at = 0; at < rows.chunk_count(); at += kRecordBatch) {
    const std::uint64_t count = std::min<std::uint64_t>(kRecordBatch, rows.chunk_count() - at);
    rows.read_records(at, count, records.data());
    for (std::size_t i = 0; i < count; ++i)
      if (const std::uint32_t frame = frames.at(records[i].frame); frame != kNone)
        part.chunks.push_back({records[i].id, frame, records[i].number, records[i].size});
  }
  // Equal ids are ordered by where they lie, which may have changed.
  if (!std::is_sorted(part.chunks.begin(), part.chunks.end())) part.sort();
  return part;
}

void store_segments(const Repository& repository, std::vector<IndexSegment> parts, std::stop_token stop) {
  IndexSegment segment;
  for (IndexSegment& part : parts) {
    if (part.packs.empty()) continue;
    if (!segment.packs.empty() && segment.chunks.size() + part.chunks.size() > kMostSegmentChunks) {
      store_segment(repository, segment, stop);
      segment = {};
    }
    if (segment.packs.empty())
      segment = std::move(part);
    else
      join(segment, std::move(part));
  }
  if (!segment.packs.empty()) store_segment(repository, segment, stop);
}

}  // namespace igudar
