// Whether the repository has a chunk: the question asked for every one.

#include <benchmark/benchmark.h>

#include <algorithm>

#include "bench/generated_data.h"
#include "repo/fuse_filter.h"
#include "repo/local_file.h"
#include "repo/mapped_segment.h"
#include "testing/scratch_dir.h"

namespace igudar::bench {

namespace {

constexpr std::size_t kChunks = 1U << 20;
constexpr std::uint32_t kFrameChunks = 64;

std::vector<std::uint64_t> filter_keys(std::size_t count, std::uint64_t seed) {
  std::vector<std::uint64_t> keys;
  for (const ChunkId& id : random_ids(count, seed)) keys.push_back(id.prefix());
  return keys;
}

IndexSegment full_segment(const std::vector<ChunkId>& ids) {
  IndexSegment segment;
  TableOfContents toc;
  toc.sessions.emplace_back();
  toc.ids = ids;
  toc.sizes.assign(ids.size(), 1000);
  for (std::size_t at = 0; at < ids.size(); at += kFrameChunks) {
    FrameInfo& frame = toc.frames.emplace_back();
    frame.chunks = kFrameChunks;
    frame.plain_size = frame.compressed_size = kFrameChunks * 1000;
  }
  segment.add_pack({PackName{}, PackType::data, 1ULL << 40}, toc);
  segment.sort();
  return segment;
}

void fuse_filter_build(benchmark::State& state) {
  const std::vector<std::uint64_t> keys = filter_keys(static_cast<std::size_t>(state.range(0)), 1);
  std::size_t size = 0;
  for (auto _ : state) size = build_fuse_filter(keys).fingerprints.size();
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bits_per_key"] = 8 * static_cast<double>(size) / static_cast<double>(keys.size());
}
BENCHMARK(fuse_filter_build)->Arg(10'000)->Arg(kChunks)->Unit(benchmark::kMillisecond);

void fuse_filter_lookup(benchmark::State& state) {
  const FuseFilter filter = build_fuse_filter(filter_keys(kChunks, 1));
  const std::vector<std::uint64_t> absent = filter_keys(1U << 16, 2);
  std::size_t at = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(fuse_filter_contains(filter.shape, filter.fingerprints, absent[at++ % absent.size()]));
}
BENCHMARK(fuse_filter_lookup);

void segment_build(benchmark::State& state) {
  const IndexSegment segment = full_segment(random_ids(kChunks));
  for (auto _ : state) benchmark::DoNotOptimize(MappedSegment::build(segment).size());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kChunks));
}
BENCHMARK(segment_build)->Unit(benchmark::kMillisecond);

// Looks up ids of `wanted` in a segment of a million chunks, as BlobIndex does.
void look_up(benchmark::State& state, const std::vector<ChunkId>& present, const std::vector<ChunkId>& wanted,
             bool map_records) {
  const testing::ScratchDir scratch;
  const auto file = scratch / "segment";
  if (!replace_local_file(file, MappedSegment::build(full_segment(present)).view()))
    state.SkipWithError("cannot write");
  const auto segment = MappedSegment::open(file, map_records);
  std::size_t at = 0;
  std::uint64_t found = 0;
  for (auto _ : state) {
    const ChunkId& id = wanted[at++ % wanted.size()];
    if (segment->may_contain(id) && segment->find(id, [](const MappedSegment::ChunkRecord&) { return true; })) ++found;
  }
  state.counters["found"] = static_cast<double>(found) / static_cast<double>(state.iterations());
}

void segment_hit(benchmark::State& state) {
  const std::vector<ChunkId> ids = random_ids(kChunks);
  look_up(state, ids, ids, state.range(0) != 0);
}
BENCHMARK(segment_hit)->ArgName("mapped")->Arg(1)->Arg(0);

// What the first look-up in each block of records costs with the opening, where nothing is known to be sound yet.
void segment_open_and_touch(benchmark::State& state) {
  constexpr std::size_t kStride = 16;  // four look-ups a block
  std::vector<ChunkId> ids = random_ids(kChunks);
  const testing::ScratchDir scratch;
  const auto file = scratch / "segment";
  if (!replace_local_file(file, MappedSegment::build(full_segment(ids)).view())) state.SkipWithError("cannot write");
  std::sort(ids.begin(), ids.end());
  for (auto _ : state) {
    const auto segment = MappedSegment::open(file, state.range(0) != 0);
    for (std::size_t i = 0; i < ids.size(); i += kStride)
      benchmark::DoNotOptimize(segment->find(ids[i], [](const MappedSegment::ChunkRecord&) { return true; }));
  }
}
BENCHMARK(segment_open_and_touch)->ArgName("mapped")->Arg(1)->Arg(0)->Unit(benchmark::kMillisecond);

void segment_open(benchmark::State& state) {
  const testing::ScratchDir scratch;
  const auto file = scratch / "segment";
  if (!replace_local_file(file, MappedSegment::build(full_segment(random_ids(kChunks))).view()))
    state.SkipWithError("cannot write");
  for (auto _ : state) benchmark::DoNotOptimize(MappedSegment::open(file, true));
}
BENCHMARK(segment_open)->Unit(benchmark::kMillisecond);

void segment_miss(benchmark::State& state) {
  look_up(state, random_ids(kChunks, 1), random_ids(1U << 16, 2), state.range(0) != 0);
}
BENCHMARK(segment_miss)->ArgName("mapped")->Arg(1)->Arg(0);

}  // namespace

}  // namespace igudar::bench
