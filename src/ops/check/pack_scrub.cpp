#include "ops/check/pack_scrub.h"

#include <algorithm>

#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::uint64_t kPieceBytes = 4U << 20;  // a multiple of the hash block
static_assert(kPieceBytes % kHashBlock == 0);

std::span<const PackContents::Frame> frames_of(const ScrubPiece& piece) {
  const auto begins_before = [](const PackContents::Frame& frame, std::uint64_t offset) {
    return frame.offset < offset;
  };
  const auto& frames = piece.pack->frames;
  const auto first = std::lower_bound(frames.begin(), frames.end(), piece.begin, begins_before);
  const auto last = std::lower_bound(first, frames.end(), piece.end, begins_before);
  return {first, last};
}

}  // namespace

std::vector<ScrubPiece> cut_into_pieces(const PackContents& pack, std::atomic<bool>& sound) {
  std::uint64_t end = pack.hashed_size;
  if (!pack.frames.empty()) end = std::max(end, pack.frames.back().end());
  std::vector<ScrubPiece> pieces;
  for (std::uint64_t begin = 0; begin < end; begin += kPieceBytes)
    pieces.push_back({&pack, &sound, begin, std::min(begin + kPieceBytes, end)});
  return pieces;
}

PackScrubber::PackScrubber(const Repository& repository, Findings& findings, LostFrames& lost)
    : repository_(repository), findings_(findings), lost_(lost), frames_(repository) {
  if (repository.keys().can_name_chunks()) hasher_.emplace(repository.keys().chunk_hasher());
}

bool PackScrubber::can_open(ChunkType type) const {
  return hasher_ && repository_.keys().can_open(type);
}

std::uint64_t PackScrubber::scrub(const ScrubPiece& piece, std::stop_token stop) {
  const std::span<const PackContents::Frame> frames = frames_of(piece);
  std::uint64_t end = piece.end;
  if (!frames.empty()) end = std::max(end, frames.back().end());
  end = std::min(end, piece.pack->pack.size);
  if (!read_piece(piece, end, stop)) {
    for (const PackContents::Frame& frame : frames) salvage_frame(piece, frame, stop);
    return 0;
  }
  verify_blocks(piece);
  for (const PackContents::Frame& frame : frames) {
    if (frame.end() > end)
      report_frame(piece, frame, tr("the pack ends before it"));
    else
      verify_frame(piece, frame,
                   bytes_.view().subspan(static_cast<std::size_t>(frame.offset - piece.begin),
                                         static_cast<std::size_t>(frame.info.sealed_size())));
  }
  return piece.end - piece.begin;
}

bool PackScrubber::read_piece(const ScrubPiece& piece, std::uint64_t end, std::stop_token stop) {
  const ObjectName name = pack_object(piece.pack->pack.name);
  if (end <= piece.begin) return false;
  try {
    bytes_.resize(static_cast<std::size_t>(end - piece.begin));
    repository_.store().get_range(name, piece.begin, bytes_.span(), stop);
    return true;
  } catch (const Error& error) {
    if (!is_about_object(error)) throw;
    *piece.sound = false;
    const std::string text =
        trf("the {} bytes at offset {} cannot be read: {}", end - piece.begin, piece.begin, error.what());
    if (error.code() == ErrorCode::not_found)
      findings_.absence(Topic::pack, name.to_string(), text);
    else
      findings_.damage(Topic::pack, name.to_string(), text);
    return false;
  }
}

void PackScrubber::verify_blocks(const ScrubPiece& piece) {
  const PackContents& pack = *piece.pack;
  bad_blocks_.clear();
  const std::uint64_t end = std::min(piece.end, pack.hashed_size);
  if (end <= piece.begin) return;
  const ByteView hashes =
      ByteView(pack.hashes).subspan(static_cast<std::size_t>(piece.begin / kHashBlock) * kBlockHashSize);
  for (const std::uint64_t block :
       altered_blocks(bytes_.view().first(static_cast<std::size_t>(end - piece.begin)), hashes)) {
    const std::uint64_t at = piece.begin + block * kHashBlock;
    const std::uint64_t size = std::min<std::uint64_t>(kHashBlock, end - at);
    *piece.sound = false;
    bad_blocks_.push_back(at);
    findings_.damage(Topic::pack, pack_object(pack.pack.name).to_string(),
                     trf("the block of {} bytes at offset {} is damaged", size, at));
  }
}

void PackScrubber::verify_frame(const ScrubPiece& piece, const PackContents::Frame& frame, ByteView sealed) {
  const PackContents& pack = *piece.pack;
  if (!can_open(frame.info.type)) {
    const bool altered = std::any_of(bad_blocks_.begin(), bad_blocks_.end(), [&](std::uint64_t block) {
      return block < frame.end() && frame.offset < block + kHashBlock;
    });
    if (altered) report_frame(piece, frame, tr("its bytes were altered"));
    return;
  }
  try {
    frames_.open({pack.pack, frame.offset, frame.info, pack.sessions[frame.info.session]}, sealed, plain_);
    if (!holds_its_chunks(pack, frame, plain_.view()))
      report_frame(piece, frame, tr("a chunk in it does not have the content its id names"));
  } catch (const Error& error) {
    if (!is_about_object(error)) throw;
    report_frame(piece, frame, error.message());
  }
}

bool PackScrubber::holds_its_chunks(const PackContents& pack, const PackContents::Frame& frame, ByteView plain) {
  for (std::size_t chunk = frame.first_chunk; chunk < frame.first_chunk + frame.info.chunks; ++chunk) {
    const std::size_t size = pack.sizes[chunk];
    if (size > plain.size() || hasher_->id(frame.info.type, plain.first(size)) != pack.ids[chunk]) return false;
    plain = plain.subspan(size);
  }
  return plain.empty();
}

// Reads a frame by itself, when a larger read round it failed.
void PackScrubber::salvage_frame(const ScrubPiece& piece, const PackContents::Frame& frame, std::stop_token stop) {
  try {
    bytes_.resize(static_cast<std::size_t>(frame.info.sealed_size()));
    repository_.store().get_range(pack_object(piece.pack->pack.name), frame.offset, bytes_.span(), stop);
  } catch (const Error& error) {
    if (!is_about_object(error)) throw;
    report_frame(piece, frame, error.message());
    return;
  }
  verify_frame(piece, frame, bytes_.view());
}

void PackScrubber::report_frame(const ScrubPiece& piece, const PackContents::Frame& frame, const std::string& reason) {
  *piece.sound = false;
  lost_.add(piece.pack->pack.name, frame.offset);
  findings_.damage(Topic::frame, pack_object(piece.pack->pack.name).to_string(),
                   trf("the frame at offset {} cannot be used: {}", frame.offset, reason));
}

}  // namespace igudar
