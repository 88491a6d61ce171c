#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "ops/check/lost_frames.h"
#include "ops/check/pack_check.h"
#include "repo/frame_reader.h"

namespace igudar {

// Reads packs from end to end and verifies every byte of them, in pieces that several threads take from one list.

// A piece of a pack: the blocks in [begin, end), and the frames that begin there.
struct ScrubPiece {
  const PackContents* pack = nullptr;
  std::atomic<bool>* sound = nullptr;  // of the pack; set to false by whoever finds damage
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
// The pieces of a pack, in order.
std::vector<ScrubPiece> cut_into_pieces(const PackContents& pack, std::atomic<bool>& sound);

// Verifies pieces: block hashes, and that frames decrypt, decompress and hold the chunks they should. What the slot's
// capability does not allow to decrypt is verified by the block hashes alone.
//
// Not thread-safe: one for each thread, used again for many pieces. Memory: one piece, and two frames.
class PackScrubber {
 public:
  PackScrubber(const Repository& repository, Findings& findings, LostFrames& lost);

  // Returns how many bytes it read.
  std::uint64_t scrub(const ScrubPiece& piece, std::stop_token stop);

 private:
  bool read_piece(const ScrubPiece& piece, std::uint64_t end, std::stop_token stop);
  void verify_blocks(const ScrubPiece& piece);
  void verify_frame(const ScrubPiece& piece, const PackContents::Frame& frame, ByteView sealed);
  bool holds_its_chunks(const PackContents& pack, const PackContents::Frame& frame, ByteView plain);
  void salvage_frame(const ScrubPiece& piece, const PackContents::Frame& frame, std::stop_token stop);
  void report_frame(const ScrubPiece& piece, const PackContents::Frame& frame, const std::string& reason);
  bool can_open(ChunkType type) const;

  const Repository& repository_;
  Findings& findings_;
  LostFrames& lost_;
  FrameReader frames_;
  std::optional<ChunkHasher> hasher_;      // none when the slot grants no id key
  std::vector<std::uint64_t> bad_blocks_;  // of the piece
  Buffer bytes_;
  Buffer plain_;
};

}  // namespace igudar
