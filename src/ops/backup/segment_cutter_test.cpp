#include "ops/backup/segment_cutter.h"

#include <gtest/gtest.h>

#include <random>

namespace igudar {

namespace {

Bytes sample(std::size_t size, unsigned seed, bool repetitive) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(repetitive ? random() % 4 == 0 : random());
  return bytes;
}

std::vector<std::size_t> sequential_cuts(const FastCdc& cdc, ByteView data) {
  std::vector<std::size_t> cuts;
  for (std::size_t at = 0; at < data.size();) {
    at += *cdc.next_cut(data.subspan(at), true);
    cuts.push_back(at);
  }
  return cuts;
}

std::vector<std::size_t> segmented_cuts(const FastCdc& cdc, ByteView data, std::size_t segment_size) {
  SegmentCutter cutter(cdc);
  std::vector<std::size_t> cuts;
  Bytes tail;
  for (std::size_t at = 0; at < data.size(); at += segment_size) {
    const ByteView part = data.subspan(at, std::min(segment_size, data.size() - at));
    std::copy(part.begin(), part.end(), cutter.segment(part.size()).begin());
    cutter.guess(at + part.size() == data.size());
    cutter.resolve(tail);
    for (const ByteView chunk : cutter.chunks()) cuts.push_back((cuts.empty() ? 0 : cuts.back()) + chunk.size());
    tail = copy_of(cutter.tail());
  }
  return cuts;
}

}  // namespace

TEST(SegmentCutter, cuts_like_a_sequential_run_whatever_the_segments) {
  const ChunkSizes sizes{256, 1024, 4096};
  const FastCdc cdc(sizes, view_of("0123456789abcdef0123456789abcdef"));
  for (unsigned seed = 0; seed < 30; ++seed) {
    const Bytes data = sample(50'000 + seed * 3'777, seed, seed % 3 == 0);
    const std::vector<std::size_t> expected = sequential_cuts(cdc, data);
    for (const std::size_t segment : {4096U, 5000U, 9999U, 16384U, 100'000U, 1'000'000U})
      EXPECT_EQ(segmented_cuts(cdc, data, segment), expected) << "seed " << seed << ", segment " << segment;
  }
}

}  // namespace igudar
