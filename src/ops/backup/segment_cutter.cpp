#include "ops/backup/segment_cutter.h"

#include <algorithm>

namespace igudar {

SegmentCutter::SegmentCutter(const FastCdc& cdc) : cdc_(cdc), room_(cdc.sizes().max) {}

MutableByteView SegmentCutter::segment(std::size_t size) {
  size_ = size;
  buffer_.resize(room_ + size);
  return buffer_.span().subspan(room_);
}

void SegmentCutter::guess(bool at_end) {
  at_end_ = at_end;
  guesses_.clear();
  const ByteView all = buffer_.view();
  for (std::size_t at = room_; at < all.size();) {
    const std::optional<std::size_t> length = cdc_.next_cut(all.subspan(at), at_end);
    if (!length) break;
    at += *length;
    guesses_.push_back(at);
  }
}

void SegmentCutter::resolve(ByteView tail) {
  chunks_.clear();
  const ByteView all = buffer_.view();
  std::size_t at = room_ - tail.size();
  if (!tail.empty()) std::memcpy(buffer_.data() + at, tail.data(), tail.size());

  auto next_guess = guesses_.begin();
  bool agreed = tail.empty();
  while (at < all.size()) {
    std::optional<std::size_t> end;
    if (agreed) {
      if (next_guess != guesses_.end()) end = *next_guess++;
    } else if (const std::optional<std::size_t> length = cdc_.next_cut(all.subspan(at), at_end_)) {
      end = at + *length;
      next_guess = std::lower_bound(next_guess, guesses_.end(), *end);
      agreed = next_guess != guesses_.end() && *next_guess == *end;
      if (agreed) ++next_guess;
    }
    if (!end) break;
    chunks_.push_back(all.subspan(at, *end - at));
    at = *end;
  }
  tail_ = all.subspan(at);
}

}  // namespace igudar
