#include <fcntl.h>
#include <gmock/gmock.h>

#include "fault_at_n.h"

namespace igudar {
namespace {

using ::testing::HasSubstr;

using testing::ForwardingStore;
using testing::InterruptedStore;
using testing::tree_of;

// Does something before each object of one kind is stored.
class WatchedStore final : public ForwardingStore {
 public:
  using Call = std::function<void(const ObjectName& name, ByteView content)>;
  WatchedStore(std::shared_ptr<ObjectStore> inner, ObjectKind kind, Call before_put)
      : ForwardingStore(std::move(inner)), kind_(kind), before_put_(std::move(before_put)) {}

  void put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) override {
    if (name.kind == kind_) before_put_(name, content);
    ForwardingStore::put(name, content, durability, stop);
  }

 private:
  const ObjectKind kind_;
  const Call before_put_;
};

// How often a backup went through its source, and what it reported.
class PassCounter final : public RunMonitor {
 public:
  void phase(std::string_view name) override { passes += name == "Backing up" ? 1 : 0; }
  void problem(std::string_view what, const Error& error) override { ADD_FAILURE() << what << ": " << error.what(); }
  std::atomic<int> passes{0};
};

// Backups under which prunes take away what they mean to use again (docs/adr/0002-gc-protocol.md, W3 to W6).
class WritersDuringPrune : public testing::FaultAtN {
 protected:
  // The next backup has a parent, and finds half of its data in the packs of a forgotten snapshot.
  WritersDuringPrune() {
    write_files(0, 3, 20'000);
    write("folder/small", "small");
    commit();
    write_files(3, 6, 20'000);
    forgotten_ = commit();
    remove_files(3, 6);
    write("folder/other", "other");
    commit();
    forget_snapshot(repository, forgotten_);
    write_files(3, 6, 20'000);
    write_files(6, 7, 20'000);
  }

  static void prune_all(Repository& in) { run_prune(in, {.max_unused_percent = 0}); }
  // To one whose clock is wrong every lease seems lapsed. What two prunes condemn is swept, and the second one of them
  // removes the record of the first: a writer cannot know any more what is gone.
  void prune_twice_with_a_wrong_clock(const std::shared_ptr<MemoryStore>& store) {
    Repository other = open_on(store);
    let_leases_lapse(*store);
    prune_all(other);
    forget_snapshot(other, back_up_other_machine(other));
    let_leases_lapse(*store);
    const std::uint64_t before = read_gc_state(other, {}).generation;
    prune_all(other);
    EXPECT_EQ(read_gc_state(other, {}).generation, before + 1);
  }

  BackupSummary back_up_counted(Repository& in, PassCounter& passes) const {
    const testing::WorkingFolder here(source());
    BackupOptions options;
    options.paths = {"."};
    options.threads = 1;
    return back_up(in, options, passes, {});
  }
  BackupSummary back_up_stream(Repository& in, PassCounter& passes) const {
    const UniqueFd stream(::open((source() / "file3").c_str(), O_RDONLY | O_CLOEXEC));
    BackupOptions options;
    options.stdin_filename = "stream";
    options.stdin_fd = stream.get();
    options.threads = 1;
    return back_up(in, options, passes, {});
  }

  void expect_stream_restores(Repository& in, const std::string& id) const {
    RestoreOptions options;
    options.snapshot = id;
    options.target = scratch / "stream";
    std::filesystem::remove_all(options.target);
    PassCounter silent;
    restore(in, options, silent, {});
    const auto content = [](const std::filesystem::path& folder, const std::string& file) {
      const std::string text = tree_of(folder).at(file);
      return text.substr(text.find('\n'));
    };
    EXPECT_EQ(content(options.target, "stream"), content(source(), "file3"));
  }

  // Backs up once for each operation on the storage, `meanwhile` coming before it. All that there is then is sound, and
  // the new snapshot among it. Returns in how many runs the source was gone through more than once.
  int retried_at_operations(const std::function<void(const std::shared_ptr<MemoryStore>&)>& meanwhile) {
    int retried = 0;
    for (int at = 1;; ++at) {
      SCOPED_TRACE("interrupted before operation " + std::to_string(at));
      const std::shared_ptr<MemoryStore> store = copy_of_store();
      const auto interrupted = std::make_shared<InterruptedStore>(
          store, at, [&] { meanwhile(store); }, InterruptedStore::Count::with_reads);
      Repository in = open_on(interrupted);
      PassCounter passes;
      const std::string id = back_up_counted(in, passes).snapshot_id;
      retried += passes.passes > 1 ? 1 : 0;
      expect_sound_with(store, id);
      if (HasFailure() || !interrupted->called()) return retried;
    }
  }
  void expect_sound_with(const std::shared_ptr<MemoryStore>& store, const std::string& id) {
    Repository next = open_on(store);
    expect_present(next, id);
    EXPECT_EQ(SnapshotCatalogue::load(next, CatalogueSource::store, {}).snapshots().size(), 3U);
    expect_sound(next);
    EXPECT_TRUE(store->list(ObjectKind::lease, {}).empty());
  }
  // Nothing that there was before the backup is lost, and there is nothing more.
  void expect_as_before(const std::shared_ptr<MemoryStore>& store) {
    Repository next = open_on(store);
    EXPECT_EQ(SnapshotCatalogue::load(next, CatalogueSource::store, {}).snapshots().size(), 2U);
    expect_sound(next);
    EXPECT_TRUE(store->list(ObjectKind::lease, {}).empty());
  }

 private:
  void let_leases_lapse(MemoryStore& store) {
    hours_ += 3;
    store.set_now(wall_clock_ns() + hours_ * 3600 * kNsPerSecond);
  }
  std::string back_up_other_machine(Repository& in) const {
    const std::filesystem::path folder = scratch / "other machine";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "file") << "what the other machine has";
    BackupOptions options;
    options.paths = {folder.string()};
    options.threads = 1;
    RunMonitor silent;
    return back_up(in, options, silent, {}).snapshot_id;
  }

  std::string forgotten_;
  TimeNs hours_ = 0;
};

TEST_F(WritersDuringPrune, A_backup_stores_again_what_a_prune_takes_away) {
  const auto prune_once = [&](const std::shared_ptr<MemoryStore>& store) {
    Repository other = open_on(store);
    prune_all(other);
  };
  EXPECT_GT(retried_at_operations(prune_once), 5);
}

TEST_F(WritersDuringPrune, A_backup_begins_anew_when_it_cannot_know_what_is_gone) {
  const auto prune_twice = [&](const std::shared_ptr<MemoryStore>& store) { prune_twice_with_a_wrong_clock(store); };
  EXPECT_GT(retried_at_operations(prune_twice), 5);
}

TEST_F(WritersDuringPrune, A_backup_gives_up_when_prunes_take_its_data_in_each_attempt) {
  const std::shared_ptr<MemoryStore> store = copy_of_store();
  Repository in = open_on(std::make_shared<WatchedStore>(
      store, ObjectKind::index, [&](const ObjectName&, ByteView) { prune_twice_with_a_wrong_clock(store); }));
  PassCounter passes;
  try {
    back_up_counted(in, passes);
    ADD_FAILURE() << "a snapshot was made though prunes came again and again";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::conflict);
    EXPECT_THAT(error.what(), HasSubstr("pruned again and again"));
  }
  EXPECT_EQ(passes.passes, 3);
  expect_as_before(store);
}

// W6. Until it is forgotten no prune could tell its data from garbage.
TEST_F(WritersDuringPrune, A_snapshot_that_a_prune_broke_before_it_was_stored_does_not_stay) {
  for (const bool repaired : {true, false}) {
    SCOPED_TRACE(repaired);
    const std::shared_ptr<MemoryStore> store = copy_of_store();
    int puts = 0;
    Repository in =
        open_on(std::make_shared<WatchedStore>(store, ObjectKind::snapshot, [&](const ObjectName&, ByteView) {
          if (++puts == 1) return prune_twice_with_a_wrong_clock(store);
          if (!repaired) throw Error(ErrorCode::no_space, "the disk is full");
        }));
    PassCounter passes;
    try {
      const std::string id = back_up_counted(in, passes).snapshot_id;
      EXPECT_TRUE(repaired);
      expect_sound_with(store, id);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::no_space) << error.what();
      EXPECT_FALSE(repaired);
      expect_as_before(store);
    }
    EXPECT_EQ(passes.passes, 2);
    Repository next = open_on(store);
    prune_all(next);
    expect_sound(next);
  }
}

// W5. A storage may have stored what it was too slow to say so of.
TEST_F(WritersDuringPrune, A_snapshot_that_takes_too_long_to_store_is_made_anew) {
  for (const bool arrives : {false, true}) {
    SCOPED_TRACE(arrives);
    const std::shared_ptr<MemoryStore> store = copy_of_store();
    int puts = 0;
    const auto slow =
        std::make_shared<WatchedStore>(store, ObjectKind::snapshot, [&](const ObjectName& name, ByteView content) {
          if (++puts > 1) return;
          if (arrives) store->put(name, content, Durability::durable, {});
          throw Error(ErrorCode::interrupted, "the deadline has passed");
        });
    Repository in = open_on(slow);
    PassCounter passes;
    const std::string id = back_up_counted(in, passes).snapshot_id;
    EXPECT_EQ(passes.passes, 2);
    EXPECT_EQ(puts, 2);
    Repository next = open_on(store);
    prune_all(next);
    expect_present(next, id);
    expect_sound(next);
  }
}

// A stream cannot be read a second time: what it shared with a forgotten snapshot is gone.
TEST_F(WritersDuringPrune, A_stream_is_refused_rather_than_kept_in_part) {
  int refused = 0;
  for (int at = 1;; ++at) {
    SCOPED_TRACE("interrupted before operation " + std::to_string(at));
    const std::shared_ptr<MemoryStore> store = copy_of_store();
    const auto interrupted = std::make_shared<InterruptedStore>(
        store, at, [&] { prune_twice_with_a_wrong_clock(store); }, InterruptedStore::Count::with_reads);
    Repository in = open_on(interrupted);
    PassCounter passes;
    try {
      const std::string id = back_up_stream(in, passes).snapshot_id;
      Repository next = open_on(store);
      expect_present(next, id);
      EXPECT_EQ(expect_no_damage(next).snapshots, 3U);
      expect_stream_restores(next, id);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::conflict) << error.what();
      EXPECT_THAT(error.what(), HasSubstr("standard input"));
      expect_as_before(store);
      ++refused;
    }
    EXPECT_EQ(passes.passes, 1);
    if (HasFailure() || !interrupted->called()) break;
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace igudar
