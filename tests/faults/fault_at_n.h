#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/hex.h"
#include "ops/check/check.h"
#include "ops/prune/prune_testing.h"
#include "ops/restore/restore.h"
#include "store/fault_store.h"

namespace igudar::testing {

// What a folder holds: of each path the type, the mode, the time of modification and the content.
using Tree = std::map<std::string, std::string>;

inline Tree tree_of(const std::filesystem::path& folder) {
  Tree tree;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    std::string& text = tree[entry.path().lexically_relative(folder)];
    if (entry.is_symlink()) {
      text = "link to " + std::filesystem::read_symlink(entry.path()).string();
      continue;
    }
    text = (entry.is_directory() ? "folder " : "file ") +
           std::to_string(static_cast<unsigned>(entry.status().permissions())) + ' ' +
           std::to_string(entry.last_write_time().time_since_epoch().count()) + '\n';
    if (!entry.is_regular_file()) continue;
    const std::size_t begin = text.size();
    text.resize(begin + entry.file_size());
    std::ifstream(entry.path(), std::ios::binary).read(&text[begin], static_cast<std::streamsize>(entry.file_size()));
  }
  return tree;
}

// The paths that are not the same in both.
inline std::string differences(const Tree& expected, const Tree& found) {
  std::string text;
  for (const auto& [path, content] : expected)
    if (const auto other = found.find(path); other == found.end() || other->second != content)
      text += path + (other == found.end() ? " is missing\n" : " differs\n");
  for (const auto& [path, content] : found)
    if (!expected.contains(path)) text += path + " is too much\n";
  return text;
}

// What a run reported.
class ProblemList final : public RunMonitor {
 public:
  void problem(std::string_view what, const Error& error) override {
    problems_.with([&](std::map<std::string, std::string>& known) { known[std::string(what)] = error.what(); });
  }
  std::map<std::string, std::string> problems() const {
    return problems_.with([](const std::map<std::string, std::string>& known) { return known; });
  }

 private:
  Guarded<std::map<std::string, std::string>> problems_;
};

// One way in which a storage lets an operation down.
struct Fault {
  const char* name;
  FaultPlan plan;
};

inline std::vector<Fault> faults_of_reading() {
  return {{"fails", {.kind = FaultKind::fail, .count_reads = true}},
          {"is torn", {.kind = FaultKind::torn, .count_reads = true}},
          {"crashes", {.kind = FaultKind::crash, .count_reads = true}}};
}
// The same, and those that only what changes the storage can meet.
inline std::vector<Fault> all_faults() {
  constexpr std::uint64_t kForGood = std::numeric_limits<std::uint64_t>::max();
  std::vector<Fault> faults = faults_of_reading();
  faults.push_back({"is done, but seems to have failed", {.kind = FaultKind::lose_reply}});
  faults.push_back({"finds the disk full, once", {.kind = FaultKind::fail, .code = ErrorCode::no_space}});
  faults.push_back({"finds the disk full", {.count = kForGood, .kind = FaultKind::fail, .code = ErrorCode::no_space}});
  return faults;
}

// Runs an operation on copies of a prepared repository, each time with another fault at another operation on the
// storage, and has looked at what is left. Chunks, frames and packs are so small that a tree of some 100 KiB has many.
//
// The order of operations on the storage depends a little on the timing of threads; each of them is hit all the same.
class FaultAtN : public ::testing::Test, public PruneFixture {
 protected:
  static constexpr InitOptions kSmallPieces{
      .kdf = kCheapKdf, .chunk_sizes = {64, 256, 1024}, .frame_size = 8 << 10, .pack_size = 24 << 10};

  FaultAtN() : PruneFixture(kSmallPieces) {}

  // What one run left behind, as the next process finds it.
  struct Aftermath {
    std::shared_ptr<MemoryStore> store;
    Repository repository;
    bool completed = false;  // the operation said that it was done
  };

  // Backs the source up, and remembers what it looked like.
  std::string commit() {
    const std::string id = back_up_source();
    committed_[id] = tree_of(source());
    return id;
  }

  // Runs `operation` with each of the faults at the first operation on the storage, at the second and so on, until none
  // is left to hit; that last run has to complete. Returns the number of runs.
  int at_every_operation(const std::vector<Fault>& faults, const std::function<void(Repository&)>& operation,
                         const std::function<void(Aftermath&)>& look) {
    int runs = 0;
    for (const Fault& fault : faults)
      for (std::uint64_t at = 1;; ++at) {
        SCOPED_TRACE("operation " + std::to_string(at) + " " + fault.name);
        const bool hit = run_once(fault, at, operation, look);
        ++runs;
        if (HasFatalFailure() || HasNonfatalFailure()) return runs;
        if (!hit) break;
      }
    return runs;
  }

  // Every snapshot there is restores byte for byte, and check finds no damage. Returns what else check has to say.
  std::string expect_sound(Repository& in) const {
    const SnapshotCatalogue catalogue = SnapshotCatalogue::load(in, CatalogueSource::store, {});
    for (const CataloguedSnapshot& snapshot : catalogue.snapshots()) expect_restores(in, to_hex(snapshot.id.view()));
    const CheckSummary summary = expect_no_damage(in);
    std::string remarks;
    for (const Finding& finding : summary.remarks) remarks += finding.object + ": " + finding.text + '\n';
    return remarks;
  }
  static CheckSummary expect_no_damage(Repository& in) {
    CheckOptions options;
    options.read_data.kind = ReadDataSelection::Kind::all;
    options.threads = 1;
    RunMonitor silent;
    CheckSummary summary = check(in, options, silent, {});
    for (const Finding& finding : summary.damage) ADD_FAILURE() << finding.object << ": " << finding.text;
    return summary;
  }
  void expect_restores(Repository& in, const std::string& id) const {
    const auto known = committed_.find(id);
    const std::filesystem::path restored = scratch / "trial" / "restored";
    std::filesystem::remove_all(restored);
    RestoreOptions options;
    options.snapshot = id;
    options.target = restored;
    options.threads = 1;
    ProblemList monitor;
    restore(in, options, monitor, {});
    for (const auto& [what, problem] : monitor.problems()) ADD_FAILURE() << what << ": " << problem;
    const Tree expected = known == committed_.end() ? tree_of(source()) : known->second;
    EXPECT_EQ(differences(expected, tree_of(restored)), "") << "in snapshot " << options.snapshot;
  }
  void expect_present(Repository& in, const std::string& id) const {
    EXPECT_TRUE(in.store().stat({ObjectKind::snapshot, id}, {})) << "the snapshot " << id << " is gone";
  }

  // The data chunks that the index knows in packs that are there, and how many copies of each.
  static std::map<ChunkId, int> indexed_chunks(const Repository& in) {
    std::map<ChunkId, int> chunks;
    const std::unique_ptr<BlobIndex> index = BlobIndex::load(in, {}, {}, {});
    for (const BlobIndex::LoadedSegment& segment : *index->segments())
      for (std::uint64_t i = 0; i < segment.rows->chunk_count(); ++i) {
        MappedSegment::ChunkRecord record;
        segment.rows->read_records(i, 1, &record);
        const SegmentFrame frame = segment.rows->frame(record.frame);
        if (frame.info.type == ChunkType::data && !segment.absent[frame.pack]) ++chunks[record.id];
      }
    return chunks;
  }
  static void expect_no_chunk_twice(const Repository& in) {
    int twice = 0;
    for (const auto& [id, copies] : indexed_chunks(in)) twice += copies > 1 ? 1 : 0;
    EXPECT_EQ(twice, 0) << "chunks were stored again that were there";
  }

  // A copy of the repository in a store of its own, which this machine knows as well as it knows the original.
  Repository open_copy() {
    begin_trial();
    return open_on_trial(copy_of_store());
  }
  std::filesystem::path target() const { return scratch / "trial" / "target"; }
  RestoreSummary restore_to_target(Repository& in, Overwrite overwrite, ProblemList& monitor) const {
    RestoreOptions options;
    options.target = target();
    options.overwrite = overwrite;
    options.threads = 1;
    return restore(in, options, monitor, {});
  }

 private:
  void begin_trial() const {
    const std::filesystem::path trial = scratch / "trial";
    std::filesystem::remove_all(trial);
    std::filesystem::create_directories(trial);
    std::filesystem::copy(folders().state, trial / "state", std::filesystem::copy_options::recursive);
  }
  Repository open_on_trial(std::shared_ptr<ObjectStore> store) const {
    const std::filesystem::path trial = scratch / "trial";
    return open_repository(std::make_unique<SharedStore>(std::move(store)), credential("secret"),
                           {trial / "cache", trial / "state"}, {});
  }

  // False when the run ended before the fault struck.
  bool run_once(const Fault& fault, std::uint64_t at, const std::function<void(Repository&)>& operation,
                const std::function<void(Aftermath&)>& look) const {
    begin_trial();
    const std::shared_ptr<MemoryStore> store = copy_of_store();
    FaultPlan plan = fault.plan;
    plan.at = at;
    plan.tear_flush = [store] { store->flush_some(1); };
    const auto faulty = std::make_shared<FaultStore>(store, plan);
    bool completed = false;
    std::string told;
    try {
      Repository opened = open_on_trial(faulty);
      operation(opened);
      completed = true;
    } catch (const SimulatedCrash&) {
    } catch (const Error& error) {
      told = error.what();
    }
    const bool hit = faulty->operations() >= at;
    EXPECT_TRUE(hit || completed) << told;
    // A lease may be lost when a machine crashes, or not.
    const std::shared_ptr<MemoryStore> left = store->after_crash(at % 2 == 0 ? VolatileFate::kept : VolatileFate::lost);
    Aftermath aftermath{left, open_on_trial(left), completed};
    look(aftermath);
    return hit;
  }

  std::map<std::string, Tree> committed_;
};

}  // namespace igudar::testing
