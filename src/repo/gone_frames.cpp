#include "repo/gone_frames.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>

namespace igudar {

namespace {
constexpr std::size_t kRecordBatch = 1024;
}

GoneFrames::GoneFrames(const BlobIndex& index) {
  for (const BlobIndex::LoadedSegment& segment : *index.segments())
    if (std::find(segment.absent.begin(), segment.absent.end(), true) != segment.absent.end()) add_segment(segment);
  std::sort(frames_.begin(), frames_.end(), [](const Frame& a, const Frame& b) {
    return std::tie(a.session, a.stream, a.first) < std::tie(b.session, b.stream, b.first);
  });
}

void GoneFrames::add_segment(const BlobIndex::LoadedSegment& segment) {
  const MappedSegment& rows = *segment.rows;
  std::unordered_map<std::uint32_t, std::size_t> places;  // in frames_, by the frame's ordinal in the segment
  for (std::uint32_t i = 0; i < rows.frame_count(); ++i) {
    const SegmentFrame frame = rows.frame(i);
    if (!segment.absent[frame.pack]) continue;
    places.emplace(i, frames_.size());
    frames_.push_back({rows.session(frame.info.session).id, frame.info.stream, frame.info.first_ordinal,
                       std::vector<ChunkId>(frame.info.chunks), rows.pack(frame.pack).name});
  }
  std::array<MappedSegment::ChunkRecord, kRecordBatch> records;
  for (std::uint64_t at = 0; at < rows.chunk_count(); at += records.size()) {
    const std::uint64_t count = std::min<std::uint64_t>(records.size(), rows.chunk_count() - at);
    rows.read_records(at, count, records.data());
    for (std::size_t i = 0; i < count; ++i)
      if (const auto place = places.find(records[i].frame); place != places.end())
        frames_[place->second].chunks.at(records[i].number) = records[i].id;
  }
}

std::optional<GoneFrames::Chunk> GoneFrames::find(const SessionId& session, std::uint32_t stream,
                                                  std::uint64_t ordinal) const {
  const auto key = std::tie(session, stream, ordinal);
  const auto after = std::upper_bound(frames_.begin(), frames_.end(), key, [](const auto& wanted, const Frame& frame) {
    return wanted < std::tie(frame.session, frame.stream, frame.first);
  });
  if (after == frames_.begin()) return std::nullopt;
  const Frame& frame = *(after - 1);
  if (frame.session != session || frame.stream != stream || ordinal - frame.first >= frame.chunks.size())
    return std::nullopt;
  return Chunk{frame.chunks[static_cast<std::size_t>(ordinal - frame.first)], frame.pack};
}

}  // namespace igudar
