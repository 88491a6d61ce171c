#include "repo/write_session.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/translate.h"
#include "crypto/hash.h"
#include "repo/damaged_object.h"

namespace igudar {

namespace {

constexpr std::size_t kQueueBytes = 16U << 20;
constexpr std::size_t kSpareFrames = 16;
// A frame of very small chunks is sealed early: an index segment describes whole packs, and these whole frames.
constexpr std::size_t kMostFrameChunks = kMostSegmentChunks / 16;
constexpr std::size_t kCheckpointChunks = kMostSegmentChunks / 4;
// Pages are read one or a few at a time, so their frames are smaller than those of data.
constexpr std::size_t kMetadataFrameSize = 512U << 10;
constexpr int kMetadataLevel = 3;
// Chunks this large come from large files. Those that do not compress are frames of their own: a frame stays for as
// long as any chunk of it is needed, and these gain nothing from company.
constexpr std::size_t kLargeChunk = 192U << 10;

}  // namespace

WriteSession::WriteSession(const Repository& repository, BlobIndex& index, OwnSession session, const Options& options)
    : repository_(repository),
      index_(index),
      session_(std::move(session)),
      options_(options),
      appender_(repository),
      queue_(kQueueBytes) {
  // Not under the operation's stop token: what an interrupted run has sealed is still written out.
  scope_.spawn("packs", [this](std::stop_token stop) { write_packs(stop); });
}

WriteSession::~WriteSession() {
  scope_.request_stop();
}

std::unique_ptr<WriteSession::ChunkStream> WriteSession::open_stream(ChunkType type) {
  return std::make_unique<ChunkStream>(*this, type, next_stream_.fetch_add(1));
}

std::optional<OrdinalRange> WriteSession::place_of(const ChunkId& id) const {
  if (const std::optional<StreamPlace> place = claims_.find(id))
    return OrdinalRange{session_.ref.id, place->stream, place->ordinal, 1};
  return indexed_place(id);
}

std::optional<OrdinalRange> WriteSession::indexed_place(const ChunkId& id) const {
  const std::optional<ChunkLocation> location = index_.find(id);
  if (!location) return std::nullopt;
  const FrameLocation frame = index_.frame(*location);
  return OrdinalRange{frame.session.id, frame.info.stream, frame.info.first_ordinal + location->number, 1};
}

SealedFrame WriteSession::spare_frame() {
  return spare_frames_.with([](std::vector<SealedFrame>& spare) {
    SealedFrame frame;
    if (!spare.empty()) {
      frame = std::move(spare.back());
      spare.pop_back();
    }
    return frame;
  });
}

void WriteSession::submit(SealedFrame frame) {
  const std::size_t cost = frame.sealed.size();
  stored_bytes_ += cost;
  if (!queue_.push(std::move(frame), cost, scope_.token()))
    throw Error(ErrorCode::interrupted, tr("the backup was stopped"));
}

void WriteSession::write_packs(std::stop_token stop) {
  std::uint64_t unsaved_bytes = 0;
  std::chrono::nanoseconds last_checkpoint = steady_clock();
  while (std::optional<SealedFrame> frame = queue_.pop(stop)) {
    unsaved_bytes += frame->sealed.size();
    if (!options_.dry_run) appender_.append(session_.ref, *frame, stop);
    spare_frames_.with([&](std::vector<SealedFrame>& spare) {
      if (spare.size() < kSpareFrames) spare.push_back(std::move(*frame));
    });
    const bool due =
        unsaved_bytes >= options_.checkpoint_bytes || steady_clock() - last_checkpoint >= options_.checkpoint_every;
    if ((due && appender_.finished_chunks() > 0) || appender_.finished_chunks() >= kCheckpointChunks) {
      checkpoint(stop);
      unsaved_bytes = 0;
      last_checkpoint = steady_clock();
    }
  }
}

// Packs first, then the index that names them: a crash between leaves packs that nothing refers to, never the reverse.
void WriteSession::checkpoint(std::stop_token stop) {
  IndexSegment segment = appender_.take_finished();
  if (segment.packs.empty()) return;
  repository_.store().flush(stop);
  segment.sort();
  const KeyRing& keys = repository_.keys();
  const Bytes object = encode_index_segment(keys.index_keys(), segment);
  const Id32 name = sha256(object);
  repository_.store().put(index_object(name), object, Durability::durable, stop);
  index_.add(repository_, name, segment);
  for (const SegmentChunk& chunk : segment.chunks) claims_.release(chunk.id);
}

void WriteSession::finish(std::stop_token stop) {
  queue_.close();
  scope_.join();
  if (options_.dry_run) return;
  appender_.finish_packs(stop);
  checkpoint(stop);
}

WriteSession::ChunkStream::ChunkStream(WriteSession& session, ChunkType type, std::uint32_t stream)
    : session_(session),
      type_(type),
      stream_(stream),
      hasher_(session.repository_.keys().chunk_hasher()),
      cipher_(stream_cipher(session.session().suite,
                            session.repository_.keys().session_key(type, session.session_).view(), session.session().id,
                            stream)),
      frame_(session.spare_frame()) {}

ChunkId WriteSession::ChunkStream::add(ByteView chunk, std::vector<OrdinalRange>& places) {
  const ChunkId id = hasher_.id(type_, chunk);
  add_known(id, chunk, places);
  return id;
}

void WriteSession::ChunkStream::add_known(const ChunkId& id, ByteView chunk, std::vector<OrdinalRange>& places) {
  if (const std::optional<OrdinalRange> known = trusted_place(id)) return append_range(places, *known);
  const StreamPlace place = session_.claims_.claim(id, {stream_, next_ordinal_});
  append_range(places, {session_.session().id, place.stream, place.ordinal, 1});
  if (place != StreamPlace{stream_, next_ordinal_}) return;
  ++session_.new_chunks_;
  session_.new_bytes_ += chunk.size();
  if (chunk.size() >= kLargeChunk && !worth_compressing(chunk)) {
    flush();
    note_chunk(id, chunk.size());
    seal(chunk, chunk.size(), Codec::raw);
    return;
  }
  const std::size_t frame_size =
      type_ == ChunkType::data ? session_.repository_.config().frame_size : kMetadataFrameSize;
  if (plain_.size() + chunk.size() > frame_size) flush();
  note_chunk(id, chunk.size());
  plain_.append(chunk);
  if (plain_.size() >= frame_size || frame_.ids.size() >= kMostFrameChunks) flush();
}

std::optional<OrdinalRange> WriteSession::ChunkStream::trusted_place(const ChunkId& id) {
  const std::optional<OrdinalRange> place = session_.indexed_place(id);
  if (!place || type_ == ChunkType::data || !session_.metadata_is_distrusted_) return place;
  if (!session_.repository_.keys().can_open(type_)) return std::nullopt;
  if (!stored_)
    stored_.emplace(session_.repository_, session_.index_,
                    [this](const ChunkLocation& copy, const Error&) { session_.index_.set_lost(copy); });
  try {
    stored_->read(type_, id, session_.scope_.token());
  } catch (const Error& error) {
    if (!is_loss(error)) throw;
  }
  return session_.indexed_place(id);  // of a copy that is not lost
}

void WriteSession::ChunkStream::note_chunk(const ChunkId& id, std::size_t size) {
  frame_.ids.push_back(id);
  frame_.sizes.push_back(static_cast<std::uint32_t>(size));
  ++next_ordinal_;
}

bool WriteSession::ChunkStream::worth_compressing(ByteView bytes) const {
  return session_.options_.compression.codec != Codec::raw && looks_compressible(bytes);
}

CompressionSetting WriteSession::ChunkStream::setting() const {
  CompressionSetting setting = session_.options_.compression;
  if (setting.codec != Codec::zstd || setting.level != kAdaptiveGathered) return setting;
  if (type_ != ChunkType::data) setting.level = kMetadataLevel;
  if (plain_.size() / frame_.ids.size() >= kLargeChunk) setting.level = kAdaptiveLarge;
  return setting;
}

void WriteSession::ChunkStream::flush() {
  if (frame_.ids.empty()) return;
  const bool compressed =
      worth_compressing(plain_.view()) && compressor_.compress(setting(), plain_.view(), compressed_);
  seal(compressed ? compressed_.view() : plain_.view(), plain_.size(), compressed ? setting().codec : Codec::raw);
  plain_.clear();
}

void WriteSession::ChunkStream::seal(ByteView content, std::size_t plain_size, Codec codec) {
  FrameInfo& info = frame_.info;
  info = {};
  info.type = type_;
  info.codec = codec;
  info.suite = cipher_.suite();
  info.stream = stream_;
  info.counter = counter_++;
  info.chunks = static_cast<std::uint32_t>(frame_.ids.size());
  info.first_ordinal = next_ordinal_ - info.chunks;
  info.plain_size = static_cast<std::uint32_t>(plain_size);
  info.compressed_size = static_cast<std::uint32_t>(content.size());
  seal_frame(cipher_, session_.session().epoch, session_.session().id, info, content, frame_.sealed);
  session_.submit(std::move(frame_));
  frame_ = session_.spare_frame();
  frame_.ids.clear();
  frame_.sizes.clear();
}

}  // namespace igudar
