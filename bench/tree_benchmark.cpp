// What happens to every entry of a tree: walked, encoded, put into pages, its chunks into a reference set.

#include <benchmark/benchmark.h>

#include <fstream>

#include "bench/generated_data.h"
#include "format/entry_codec.h"
#include "format/refset.h"
#include "format/table_page.h"
#include "fs/tree_walker.h"
#include "testing/scratch_dir.h"

namespace igudar::bench {

namespace {

constexpr std::size_t kEntries = 1000;

std::vector<Entry> sample_entries() {
  const std::vector<ChunkId> ids = random_ids(kEntries);
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < kEntries; ++i) {
    Entry& entry = entries.emplace_back();
    entry.path = "home/amina/project/source/module" + std::to_string(100 + i / 100) + "/file" +
                 std::to_string(10'000 + i) + ".cpp";
    entry.meta.mode = 0644;
    entry.meta.uid = entry.meta.gid = 1000;
    entry.meta.user = entry.meta.group = "amina";
    entry.meta.mtime = entry.meta.ctime = 1'700'000'000'123'456'789 + static_cast<TimeNs>(i);
    entry.meta.inode = 4'000'000 + i;
    entry.meta.size = 5000 + i;
    entry.content.extents.push_back({entry.meta.size, ids[i]});
  }
  return entries;
}

std::vector<LeafEntry> encoded(const std::vector<Entry>& entries) {
  std::vector<LeafEntry> rows;
  for (const Entry& entry : entries)
    encode_entry_value(entry, rows.emplace_back(LeafEntry{key_of_path(entry.path), {}}).value);
  return rows;
}

Bytes page_of(const std::vector<LeafEntry>& rows) {
  PageEncoder encoder(0);
  for (const LeafEntry& row : rows) encoder.add_entry(row.key, row.value);
  return encoder.finish();
}

void count_entries(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kEntries));
}

void entry_encode(benchmark::State& state) {
  const std::vector<Entry> entries = sample_entries();
  Bytes value;
  for (auto _ : state)
    for (const Entry& entry : entries) {
      value.clear();
      encode_entry_value(entry, value);
    }
  count_entries(state);
}
BENCHMARK(entry_encode);

void entry_decode(benchmark::State& state) {
  const std::vector<LeafEntry> rows = encoded(sample_entries());
  Entry entry;
  for (auto _ : state)
    for (const LeafEntry& row : rows) decode_entry_value(row.value, entry);
  count_entries(state);
}
BENCHMARK(entry_decode);

void page_encode(benchmark::State& state) {
  const std::vector<LeafEntry> rows = encoded(sample_entries());
  for (auto _ : state) benchmark::DoNotOptimize(page_of(rows).size());
  count_entries(state);
}
BENCHMARK(page_encode);

void page_read(benchmark::State& state) {
  const Bytes page = page_of(encoded(sample_entries()));
  for (auto _ : state)
    for (LeafReader leaf(page); leaf.next();) benchmark::DoNotOptimize(leaf.value().size());
  count_entries(state);
}
BENCHMARK(page_read);

// Ten thousand empty files in a hundred folders, listed and stat'ed.
void tree_walk(benchmark::State& state) {
  const testing::ScratchDir scratch;
  for (int folder = 0; folder < 100; ++folder) {
    const auto parent = scratch / ("folder" + std::to_string(folder));
    std::filesystem::create_directory(parent);
    for (int file = 0; file < 100; ++file) std::ofstream(parent / ("file" + std::to_string(file)));
  }
  std::int64_t names = 0;
  for (auto _ : state) {
    WalkOptions options;
    options.threads = static_cast<unsigned>(state.range(0));
    TreeWalker walker(make_roots({scratch.path().string()}, "/"), std::move(options));
    for (WalkItem item; walker.next(item);) ++names;
  }
  state.SetItemsProcessed(names);
}
BENCHMARK(tree_walk)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

// Every second, or every 64th, of 65,536 ordinals; or all of them.
RefBits bits_with_step(std::uint32_t step) {
  RefBits bits;
  for (std::uint32_t ordinal = 0; ordinal < kRefBlock; ordinal += step) bits.set(ordinal);
  return bits;
}

void refset_encode(benchmark::State& state) {
  const RefBits bits = bits_with_step(static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(bits.encode().size());
}
BENCHMARK(refset_encode)->ArgName("step")->Arg(1)->Arg(2)->Arg(64);

void refset_merge(benchmark::State& state) {
  const RefBits even = bits_with_step(2);
  const RefBits sparse = bits_with_step(63);
  RefSet set;
  for (auto _ : state)
    for (std::uint32_t block = 0; block < 64; ++block)
      set.merge({SessionId{}, 0, block}, block % 2 == 0 ? even : sparse);
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(refset_merge);

}  // namespace

}  // namespace igudar::bench
