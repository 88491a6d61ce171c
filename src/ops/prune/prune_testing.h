#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>

#include "format/entry_codec.h"
#include "format/refset.h"
#include "ops/forget/forget.h"
#include "ops/prune/prune.h"
#include "repo/extent_walk.h"
#include "repo/gc_state.h"
#include "repo/local_file.h"
#include "repo/snapshot_catalogue.h"
#include "repo/table_cursor.h"
#include "testing/repository_fixture.h"

namespace igudar::testing {

// A store that calls back before one operation, so that another process seems to get its turn just there. Counted are
// put, flush, remove, list and a writer's opening, and reads if asked for. Thread-safe: the others go on meanwhile.
class InterruptedStore final : public ForwardingStore {
 public:
  enum class Count { without_reads, with_reads };
  InterruptedStore(std::shared_ptr<ObjectStore> inner, int at, std::function<void()> call,
                   Count count = Count::without_reads)
      : ForwardingStore(std::move(inner)), at_(at), call_(std::move(call)), reads_(count == Count::with_reads) {}

  bool called() const { return count_ >= at_; }

  void put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) override {
    step();
    ForwardingStore::put(name, content, durability, stop);
  }
  std::unique_ptr<ObjectWriter> open_writer(const ObjectName& name, std::stop_token stop) override {
    step();
    return ForwardingStore::open_writer(name, stop);
  }
  void flush(std::stop_token stop) override {
    step();
    ForwardingStore::flush(stop);
  }
  Bytes get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const override {
    if (reads_) step();
    return ForwardingStore::get(name, limit, stop);
  }
  void get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                 std::stop_token stop) const override {
    if (reads_) step();
    ForwardingStore::get_range(name, offset, out, stop);
  }
  std::vector<ObjectInfo> list(ObjectKind kind, std::stop_token stop) const override {
    step();
    return ForwardingStore::list(kind, stop);
  }
  void remove(const ObjectName& name, std::stop_token stop) override {
    step();
    ForwardingStore::remove(name, stop);
  }

 private:
  void step() const {
    if (++count_ == at_) call_();
  }

  const int at_;
  std::function<void()> call_;
  const bool reads_;
  mutable std::atomic<int> count_{0};
};

// Counts what a run reports.
class ProblemCounter final : public RunMonitor {
 public:
  void problem(std::string_view, const Error&) override { ++problems; }
  std::atomic<int> problems{0};
};

// Reads every chunk of every snapshot through a freshly loaded index; throws when one cannot be had. Returns the number
// of snapshots.
inline std::size_t read_everything(const Repository& repository) {
  const GcState gc = read_gc_state(repository, {});
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::store, {});
  const std::unique_ptr<BlobIndex> index = BlobIndex::load(repository, gc.condemned, {}, {});
  if (!catalogue.damaged().empty()) throw catalogue.damaged().front().error;
  if (!catalogue.missing().empty()) throw Error(ErrorCode::damaged, "a record is missing");
  ChunkReader chunks(repository, *index);
  const auto read = [&](const VisitedExtent& visited) {
    if (visited.extent.chunk) chunks.read(visited.type(), *visited.extent.chunk, {});
    return true;
  };
  for (const CataloguedSnapshot& snapshot : catalogue.snapshots()) {
    ChunkReader pages(repository, *index);
    TableCursor entries(pages, ChunkType::page, snapshot.snapshot.tree);
    while (entries.next({})) visit_extents(decode_entry(entries.key(), entries.value()).content, chunks, read, {});
    TableCursor references(pages, ChunkType::refset, snapshot.snapshot.refset);
    while (references.next({})) static_cast<void>(RefBits::decode(references.value()));
  }
  return catalogue.snapshots().size();
}

class PruneFixture : public SourceFixture {
 public:
  using SourceFixture::SourceFixture;

  // As a machine that remembers nothing of the repository yet: copies of one go different ways.
  Repository open_on(std::shared_ptr<ObjectStore> store) const {
    const UserFolders own{folders().cache, scratch / ("state " + std::to_string(machines_++))};
    return open_repository(std::make_unique<SharedStore>(std::move(store)), credential("secret"), own, {});
  }
  // The same objects in a store of their own.
  std::shared_ptr<MemoryStore> copy_of_store() const { return memory->after_crash(VolatileFate::kept); }

  // Calls use(copy of the store, repository opened on it) again and again, each time with one bit of each cached index
  // segment flipped, somewhere else. What it did is then looked at with a new cache by see(repository).
  template <typename Use, typename See>
  void with_damaged_caches(std::size_t step, Use&& use, See&& see) {
    std::map<std::filesystem::path, Bytes> cached;
    for (const auto& file : std::filesystem::directory_iterator(repository.cache_folder() / "index"))
      cached[file.path()] = *read_local_file(file.path());
    ASSERT_FALSE(cached.empty());
    for (std::size_t at = 0; at < cached.begin()->second.size(); at += step) {
      SCOPED_TRACE(at);
      std::filesystem::create_directories(repository.cache_folder() / "index");
      for (const auto& [file, sound] : cached) {
        Bytes damaged = sound;
        damaged[at % damaged.size()] ^= 4;
        ASSERT_TRUE(replace_local_file(file, damaged));
      }
      const std::shared_ptr<MemoryStore> store = copy_of_store();
      Repository in = open_on(store);
      use(in);
      std::filesystem::remove_all(repository.cache_folder());
      Repository next = open_on(store);
      see(next);
      if (::testing::Test::HasFailure()) return;
    }
  }

  // `store` for one process, with another one that prunes all it can just before operation `at`.
  std::shared_ptr<InterruptedStore> pruned_before(int at, const std::shared_ptr<MemoryStore>& store) const {
    return std::make_shared<InterruptedStore>(store, at, [this, store] {
      Repository other = open_on(store);
      run_prune(other, {.max_unused_percent = 0});
    });
  }

  static PruneSummary run_prune(Repository& in, const PruneOptions& options = {}) {
    RunMonitor silent;
    return prune(in, options, silent, {});
  }
  static ForgetPlan keep_last(Repository& in, int count) {
    RunMonitor silent;
    ForgetOptions options;
    options.policy.last = count;
    return forget(in, options, silent, {});
  }
  static void forget_snapshot(Repository& in, const std::string& id) {
    RunMonitor silent;
    ForgetOptions options;
    options.snapshots = {id};
    forget(in, options, silent, {});
  }
  // Files that do not compress, each its own chunks.
  void write_files(int first, int last, std::size_t size = 512U << 10) const {
    for (int i = first; i < last; ++i) write("file" + std::to_string(i), noise(size, static_cast<std::uint64_t>(i)));
  }
  void remove_files(int first, int last) const {
    for (int i = first; i < last; ++i) std::filesystem::remove(source() / ("file" + std::to_string(i)));
  }

 private:
  mutable int machines_ = 0;
};

}  // namespace igudar::testing
