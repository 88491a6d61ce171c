#include "ops/prune/prune.h"

#include <gmock/gmock.h>

#include "base/hex.h"
#include "format/index_segment.h"
#include "format/object_header.h"
#include "ops/prune/prune_testing.h"
#include "ops/restore/restore.h"
#include "repo/key_rotation.h"
#include "repo/key_slots.h"
#include "repo/leases.h"
#include "store/expect_error.h"
#include "store/fault_store.h"

namespace igudar {
namespace {

using testing::code_of;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::Gt;
using ::testing::HasSubstr;
using testing::InterruptedStore;
using testing::noise;
using ::testing::Pair;
using testing::ProblemCounter;
using testing::read_everything;

class PruneTest : public ::testing::Test, public testing::PruneFixture {
 protected:
  std::uint64_t stored_bytes() const {
    std::uint64_t total = 0;
    for (const ObjectInfo& object : memory->list(ObjectKind::pack, {})) total += object.size;
    return total;
  }
  static ObjectInfo largest_pack(const MemoryStore& store) {
    const std::vector<ObjectInfo> packs = store.list(ObjectKind::pack, {});
    return *std::max_element(packs.begin(), packs.end(),
                             [](const ObjectInfo& a, const ObjectInfo& b) { return a.size < b.size; });
  }
  // A bit in each block of a pack, but for its end.
  static void rot(MemoryStore& store, const ObjectName& pack) {
    Bytes content = store.get(pack, 1 << 30, {});
    for (std::size_t at = 100; at < content.size() - (64U << 10); at += 60'000) content[at] ^= 1;
    store.remove(pack, {});
    store.put(pack, content, Durability::durable, {});
  }
  // Three snapshots of which the later ones need a part of what the first brought.
  void make_history() {
    write_files(0, 12);
    back_up_source();
    remove_files(0, 6);
    write_files(12, 14);
    back_up_source();
    remove_files(6, 8);
    write_files(14, 16);
    back_up_source();
  }
  // The kept one of three snapshots needs nothing of what the first brought, and a part of what the second did.
  void make_history_with_unused_packs() {
    write_files(0, 2);
    back_up_source();
    remove_files(0, 2);
    write_files(2, 8);
    back_up_source();
    remove_files(2, 4);
    write_files(8, 9);
    back_up_source();
    keep_last(repository, 1);
  }
  // Prunes a copy of the repository, on a disk that is full when it is written to for so many times.
  PruneSummary prune_on_full_disk(std::uint64_t failures) const {
    const std::shared_ptr<MemoryStore> store = copy_of_store();
    Repository in = open_on(std::make_shared<FaultStore>(
        store, FaultPlan{.at = failures > 0 ? 1U : 0U, .count = failures, .code = ErrorCode::no_space}));
    const PruneSummary summary = run_prune(in, {.max_unused_percent = 0});
    std::uint64_t left = 0;
    for (const ObjectInfo& object : store->list(ObjectKind::pack, {})) left += object.size;
    EXPECT_EQ(summary.bytes_after, left);
    EXPECT_EQ(read_everything(in), 1U);
    EXPECT_TRUE(run_prune(in, {.max_unused_percent = 0}).nothing_to_do);
    return summary;
  }
  // As if the snapshot's writer had not stored the record yet when a prune came, and was killed right after it had.
  void condemn_packs_of(const ObjectName& late) {
    const Bytes record = get(late);
    memory->remove(late, {});
    LeaseHolder lease(repository, random_id<16>(), LeaseRole::writer);
    lease.begin({});
    Repository pruner = open_on(memory);
    ASSERT_TRUE(run_prune(pruner).sweep_postponed);
    memory->put(late, record, Durability::durable, {});
    lease.release({});
  }
};

TEST_F(PruneTest, Deletes_packs_that_only_forgotten_snapshots_needed) {
  write_files(0, 4);
  const std::string first = back_up_source();
  remove_files(0, 4);
  write_files(4, 5);
  back_up_source();
  forget_snapshot(repository, first);
  const std::uint64_t before = stored_bytes();

  const PruneSummary summary = run_prune(repository);

  EXPECT_GT(summary.packs_deleted, 0U);
  EXPECT_EQ(summary.bytes_before, before);
  EXPECT_EQ(summary.bytes_after, stored_bytes());
  EXPECT_LT(stored_bytes(), before - (3U << 19));
  EXPECT_EQ(read_everything(repository), 1U);
}

TEST_F(PruneTest, Copies_what_is_needed_out_of_partly_used_packs) {
  make_history();
  keep_last(repository, 1);
  const std::uint64_t before = stored_bytes();
  const PruneSummary summary = run_prune(repository, {.max_unused_percent = 0});
  EXPECT_GT(summary.packs_repacked, 0U);
  EXPECT_EQ(summary.bytes_before, before);
  EXPECT_EQ(summary.bytes_after, stored_bytes());
  EXPECT_LT(stored_bytes(), before);
  EXPECT_EQ(summary.generation, 1U);
  EXPECT_EQ(read_everything(repository), 1U);
}

TEST_F(PruneTest, Copies_frames_of_every_suite_as_they_are) {
  write_files(0, 6);
  back_up_source();
  rotate_keys(repository, {.suite = CipherSuite::aes_256_gcm_chacha20_poly1305}, {});
  Repository layered = open_on(memory);
  write_files(6, 12);
  back_up_source_to(layered);
  remove_files(1, 5);
  remove_files(7, 11);
  back_up_source_to(layered);
  keep_last(layered, 1);

  EXPECT_GT(run_prune(layered, {.max_unused_percent = 0}).packs_repacked, 0U);
  std::map<CipherSuite, int> frames;
  for (const ObjectInfo& object : memory->list(ObjectKind::index, {})) {
    const IndexSegment segment =
        decode_index_segment(layered.keys().index_keys(), memory->get(object.name, 1 << 30, {}));
    for (const SegmentFrame& frame : segment.frames)
      if (frame.info.type == ChunkType::data) ++frames[segment.sessions[frame.info.session].suite];
  }
  EXPECT_THAT(frames, ElementsAre(Pair(CipherSuite::aes_256_gcm, Gt(0)),
                                  Pair(CipherSuite::aes_256_gcm_chacha20_poly1305, Gt(0))));
  EXPECT_EQ(read_everything(layered), 1U);
}

TEST_F(PruneTest, Leaves_tolerated_waste_alone) {
  make_history();
  keep_last(repository, 1);
  const PruneSummary summary = run_prune(repository, {.max_unused_percent = 100});
  EXPECT_EQ(summary.packs_repacked, 0U);
  EXPECT_GT(summary.bytes_unused_kept, 0U);
}

TEST_F(PruneTest, Has_nothing_to_do_the_second_time) {
  make_history();
  keep_last(repository, 1);
  run_prune(repository, {.max_unused_percent = 0});
  const auto objects = testing::objects_of(*memory);
  const PruneSummary summary = run_prune(repository, {.max_unused_percent = 0});
  EXPECT_TRUE(summary.nothing_to_do);
  EXPECT_EQ(testing::objects_of(*memory), objects);
}

TEST_F(PruneTest, Changes_nothing_in_a_dry_run_and_foretells_the_result) {
  make_history();
  keep_last(repository, 1);
  const auto objects = testing::objects_of(*memory);
  const PruneSummary foretold = run_prune(repository, {.max_unused_percent = 0, .dry_run = true});
  EXPECT_EQ(testing::objects_of(*memory), objects);
  const PruneSummary summary = run_prune(repository, {.max_unused_percent = 0});
  EXPECT_EQ(foretold.packs_repacked, summary.packs_repacked);
  EXPECT_EQ(foretold.packs_deleted, summary.packs_deleted);
  EXPECT_EQ(foretold.bytes_before, summary.bytes_before);
}

TEST_F(PruneTest, Merges_many_small_packs_and_index_segments) {
  for (int i = 0; i < 12; ++i) {
    write_files(i, i + 1, 1000);
    back_up_source();
  }
  ASSERT_GT(list(ObjectKind::pack).size(), 20U);
  run_prune(repository);
  EXPECT_LE(list(ObjectKind::pack).size(), 2U);
  EXPECT_EQ(list(ObjectKind::index).size(), 1U);
  EXPECT_EQ(read_everything(repository), 12U);
}

TEST_F(PruneTest, Removes_the_records_that_an_interrupted_forget_left) {
  make_history();
  const std::string victim = list(ObjectKind::snapshot).front();
  const Bytes record = get({ObjectKind::snapshot, victim});
  forget_snapshot(repository, victim);
  memory->put({ObjectKind::snapshot, victim}, record, Durability::durable, {});
  run_prune(repository);
  EXPECT_THAT(list(ObjectKind::snapshot), ::testing::Not(::testing::Contains(victim)));
}

TEST_F(PruneTest, Postpones_the_sweep_while_an_older_lease_lives) {
  make_history();
  keep_last(repository, 1);
  const std::vector<std::string> packs = list(ObjectKind::pack);
  {
    // A lease from before the packs would keep them from being condemned at all.
    LeaseHolder lease(repository, random_id<16>(), LeaseRole::writer);
    lease.begin({});
    const PruneSummary summary = run_prune(repository, {.max_unused_percent = 0});
    EXPECT_TRUE(summary.sweep_postponed);
    EXPECT_EQ(summary.held_by.size(), 1U);
    EXPECT_EQ(summary.bytes_after, stored_bytes());
    EXPECT_THAT(list(ObjectKind::pack), ::testing::IsSupersetOf(packs));
    const PruneSummary again = run_prune(repository, {.max_unused_percent = 0});
    EXPECT_TRUE(again.sweep_postponed);
    EXPECT_EQ(again.generation, 1U);
    lease.release({});
  }
  const std::uint64_t before = stored_bytes();
  const PruneSummary summary = run_prune(repository, {.max_unused_percent = 0});
  EXPECT_FALSE(summary.sweep_postponed);
  EXPECT_GT(summary.packs_deleted, 0U);
  EXPECT_EQ(summary.bytes_before, before);
  EXPECT_EQ(summary.bytes_after, stored_bytes());
  EXPECT_LT(stored_bytes(), before);
  EXPECT_EQ(read_everything(repository), 1U);
}

TEST_F(PruneTest, Rescues_what_a_snapshot_that_was_stored_meanwhile_needs) {
  write_files(0, 1);
  back_up_source();
  write_files(1, 3);
  condemn_packs_of({ObjectKind::snapshot, back_up_source()});

  EXPECT_GT(run_prune(repository).packs_deleted, 0U);
  EXPECT_EQ(read_everything(repository), 2U);
}

TEST_F(PruneTest, Ignores_leases_that_lapsed) {
  make_history();
  keep_last(repository, 1);
  LeaseHolder lease(repository, random_id<16>(), LeaseRole::writer);
  lease.begin({});
  memory->set_now(wall_clock_ns() + TimeNs{2} * 3600 * kNsPerSecond);
  EXPECT_FALSE(run_prune(repository, {.max_unused_percent = 0}).sweep_postponed);
}

TEST_F(PruneTest, Leaves_alone_what_a_running_writer_may_have_stored) {
  make_history();
  LeaseHolder lease(repository, random_id<16>(), LeaseRole::writer);
  lease.begin({});
  const std::string stray = to_hex(random_id<16>().view());
  memory->put({ObjectKind::pack, stray}, noise(1000, 1), Durability::durable, {});
  EXPECT_EQ(run_prune(repository).generation, 0U);
  EXPECT_THAT(list(ObjectKind::pack), ::testing::Contains(stray));
  lease.release({});
  run_prune(repository);
  EXPECT_THAT(list(ObjectKind::pack), ::testing::Not(::testing::Contains(stray)));
}

TEST_F(PruneTest, Refuses_while_a_snapshot_is_damaged_until_it_is_given_up) {
  make_history();
  const std::string victim = list(ObjectKind::snapshot).front();
  flip_a_bit({ObjectKind::snapshot, victim});
  const std::vector<std::string> packs = list(ObjectKind::pack);
  EXPECT_EQ(code_of([&] { run_prune(repository, {.max_unused_percent = 0}); }), ErrorCode::damaged);
  EXPECT_EQ(list(ObjectKind::pack), packs);
  forget_snapshot(repository, victim.substr(0, 8));
  run_prune(repository, {.max_unused_percent = 0});
  EXPECT_EQ(read_everything(repository), 2U);
}

TEST_F(PruneTest, Refuses_while_a_snapshot_record_is_lost_until_it_is_given_up) {
  write_files(0, 2);
  const std::string victim = back_up_source();
  write_files(2, 3);
  back_up_source();
  memory->remove({ObjectKind::snapshot, victim}, {});
  EXPECT_EQ(code_of([&] { run_prune(repository); }), ErrorCode::damaged);
  forget_snapshot(repository, victim);
  run_prune(repository);
  EXPECT_EQ(read_everything(repository), 1U);
}

TEST_F(PruneTest, Does_not_copy_what_has_rotted_and_keeps_its_pack) {
  make_history();
  keep_last(repository, 1);
  const ObjectName largest = largest_pack(*memory).name;
  rot(*memory, largest);
  ProblemCounter monitor;
  prune(repository, {.max_unused_percent = 0}, monitor, {});
  EXPECT_EQ(monitor.problems, 1);
  EXPECT_THAT(list(ObjectKind::pack), ::testing::Contains(largest.id));
}

// A rotten pack that was condemned stays for as long as a snapshot needs what is rotten in it; everything else is
// rescued.
TEST_F(PruneTest, Rescues_what_is_sound_of_a_rotten_pack) {
  constexpr int kFiles = 8;
  write("unneeded", noise(1000, 1));
  back_up_source();
  write_files(0, kFiles);
  const ObjectName late{ObjectKind::snapshot, back_up_source()};
  condemn_packs_of(late);
  const ObjectName largest = largest_pack(*memory).name;
  Bytes content = get(largest);
  content[1000] ^= 1;  // in the first frame
  replace(largest, content);

  EXPECT_EQ(code_of([&] { run_prune(repository); }), ErrorCode::damaged);
  EXPECT_THAT(list(ObjectKind::pack), ::testing::Contains(largest.id));
  memory->remove(largest, {});
  RestoreOptions options;
  options.snapshot = late.id;
  options.target = (scratch / "restored").string();
  ProblemCounter problems;
  restore(repository, options, problems, {});
  EXPECT_EQ(problems.problems, 1);
}

// A prune that dies before it condemns leaves two copies of what is needed. Which of them the next one believes in is a
// matter of the packs' names, which are random: so until it is the one that has rotted.
TEST_F(PruneTest, Keeps_the_sound_copy_of_what_has_rotted_elsewhere) {
  make_history();
  keep_last(repository, 1);
  const ObjectName first_pack = largest_pack(*memory).name;
  std::uint64_t at = 1;  // where the copies are in the index, and nothing is condemned
  const auto half_done = [&] {
    for (;; ++at) {
      const std::shared_ptr<MemoryStore> store = copy_of_store();
      Repository dying = open_on(std::make_shared<FaultStore>(store, FaultPlan{.at = at, .kind = FaultKind::crash}));
      try {
        run_prune(dying, {.max_unused_percent = 0});
      } catch (const SimulatedCrash&) {
      }
      if (store->list(ObjectKind::index, {}).size() > list(ObjectKind::index).size())
        return std::shared_ptr<MemoryStore>(store->after_crash(VolatileFate::kept));
    }
  };
  for (int problems = 0; problems == 0;) {
    const std::shared_ptr<MemoryStore> store = half_done();
    rot(*store, first_pack);
    Repository next = open_on(store);
    ProblemCounter monitor;
    prune(next, {.max_unused_percent = 0}, monitor, {});
    problems = monitor.problems;
    store->remove(first_pack, {});  // whoever repairs takes it away; then only the sound copies are read
    ASSERT_EQ(read_everything(next), 1U);
  }
}

// A pack was away while a backup stored again what it held; when it came back, it had rotted.
TEST_F(PruneTest, Keeps_the_good_copies_of_what_has_rotted_where_snapshots_name_it) {
  for (const PackType type : {PackType::data, PackType::metadata}) {
    testing::PruneFixture in;
    in.write_files(0, 3);
    in.let_source_age();
    in.back_up_source();
    in.let_source_age();
    const ObjectName named = in.packs(type).front();
    Bytes content = in.get(named);
    in.memory->remove(named, {});
    const std::string second = in.back_up_source();
    content[100] ^= 1;  // in the first frame; those of the reference set come last
    in.memory->put(named, content, Durability::durable, {});

    PruneFixture::forget_snapshot(in.repository, second);
    add_slot(in.repository, recipient("keeper"), Capability::maintain, {});
    Repository keeper = in.open("keeper");
    for (int round = 0; round < 2; ++round) {
      ProblemCounter monitor;
      prune(keeper, {.max_unused_percent = 0}, monitor, {});
      EXPECT_EQ(monitor.problems, 1);
      EXPECT_EQ(read_everything(in.repository), 1U);
    }
    EXPECT_EQ(in.packs(type).size(), 2U);
  }
}

TEST_F(PruneTest, Deletes_a_second_copy_where_the_one_that_snapshots_name_is_good) {
  write_files(0, 3);
  let_source_age();
  back_up_source();
  let_source_age();
  const ObjectName named = packs(PackType::data).front();
  const Bytes content = get(named);
  memory->remove(named, {});
  const std::string second = back_up_source();
  memory->put(named, content, Durability::durable, {});
  forget_snapshot(repository, second);
  ProblemCounter monitor;
  prune(repository, {.max_unused_percent = 0}, monitor, {});
  EXPECT_EQ(monitor.problems, 0);
  EXPECT_THAT(packs(PackType::data), ::testing::ElementsAre(named));
  EXPECT_EQ(read_everything(repository), 1U);
}

// The block hashes cannot tell where in a block the damage is; the seal of a frame can, to whoever has its key.
TEST_F(PruneTest, Moves_what_is_needed_away_from_damage_that_nobody_needs) {
  write_files(0, 2, 300U << 10);
  const std::string first = back_up_source();
  remove_files(0, 1);
  back_up_source();
  forget_snapshot(repository, first);
  const ObjectName both = packs(PackType::data).front();
  Bytes content = get(both);
  content[300'000] ^= 1;  // in the first frame, and in the block where the second one begins
  replace(both, content);
  add_slot(repository, recipient("keeper"), Capability::maintain, {});
  Repository keeper = open("keeper");

  ProblemCounter monitor;
  prune(keeper, {.max_unused_percent = 0}, monitor, {});
  EXPECT_EQ(monitor.problems, 1);
  EXPECT_THAT(packs(PackType::data), ::testing::Contains(both));

  monitor.problems = 0;
  prune(repository, {.max_unused_percent = 0}, monitor, {});
  EXPECT_EQ(monitor.problems, 0);
  EXPECT_THAT(packs(PackType::data), ::testing::Not(::testing::Contains(both)));
  EXPECT_EQ(read_everything(repository), 1U);
}

TEST_F(PruneTest, Needs_no_key_that_reads_content) {
  make_history();
  add_slot(repository, recipient("keeper"), Capability::maintain, {});
  Repository keeper = open("keeper");
  EXPECT_EQ(keep_last(keeper, 1).forgotten, 2U);
  EXPECT_GT(run_prune(keeper, {.max_unused_percent = 0}).packs_repacked, 0U);
  EXPECT_EQ(read_everything(repository), 1U);
}

TEST_F(PruneTest, Is_refused_to_slots_that_may_only_write) {
  add_slot(repository, recipient("writer"), Capability::write, {});
  Repository writer = open("writer");
  EXPECT_EQ(code_of([&] { run_prune(writer); }), ErrorCode::permission);
}

TEST_F(PruneTest, Replaces_a_damaged_generation_record) {
  make_history();
  keep_last(repository, 1);
  run_prune(repository, {.max_unused_percent = 0});
  for (const std::string& id : list(ObjectKind::gc)) flip_a_bit({ObjectKind::gc, id});
  EXPECT_EQ(code_of([&] { read_gc_state(repository, {}); }), ErrorCode::damaged);
  EXPECT_EQ(run_prune(repository).generation, 2U);
  EXPECT_EQ(read_gc_state(repository, {}).generation, 2U);
  EXPECT_EQ(read_everything(repository), 1U);
}

TEST_F(PruneTest, Frees_in_several_generations_what_there_is_no_room_to_free_in_one) {
  make_history_with_unused_packs();
  const PruneSummary at_once = prune_on_full_disk(0);
  EXPECT_EQ(at_once.generation, 1U);
  EXPECT_GT(at_once.packs_repacked, 0U);
  for (const std::uint64_t failures : {1U, 2U}) {
    SCOPED_TRACE(failures);
    const PruneSummary in_part = prune_on_full_disk(failures);
    EXPECT_EQ(in_part.generation, 2U);
    EXPECT_EQ(in_part.packs_total, at_once.packs_total);
    EXPECT_EQ(in_part.packs_deleted, at_once.packs_deleted);
    EXPECT_EQ(in_part.packs_repacked, at_once.packs_repacked);
    EXPECT_EQ(in_part.bytes_before, at_once.bytes_before);
    EXPECT_EQ(in_part.bytes_after, at_once.bytes_after);
  }
}

TEST_F(PruneTest, Copies_fewer_packs_at_once_where_there_is_no_room_for_all_and_no_pack_goes_without) {
  for (int pack = 0; pack < 3; ++pack) {
    write_files(pack * 3, pack * 3 + 3);
    back_up_source();
  }
  for (int pack = 0; pack < 3; ++pack) remove_files(pack * 3, pack * 3 + 2);
  back_up_source();
  keep_last(repository, 1);
  run_prune(repository, {.max_unused_percent = 100});  // what needs no copies
  const PruneSummary at_once = prune_on_full_disk(0);
  ASSERT_GT(at_once.packs_repacked, 2U);
  ASSERT_EQ(at_once.packs_deleted, 0U);
  const PruneSummary in_part = prune_on_full_disk(1);
  EXPECT_EQ(in_part.generation, at_once.generation + 1);
  EXPECT_EQ(in_part.packs_total, at_once.packs_total);
  EXPECT_EQ(in_part.packs_repacked, at_once.packs_repacked);
  EXPECT_EQ(in_part.bytes_before, at_once.bytes_before);
}

TEST_F(PruneTest, Says_what_to_do_when_there_is_no_room_at_all) {
  make_history_with_unused_packs();
  const auto objects = testing::objects_of(*memory);
  const auto full = std::make_shared<FaultStore>(
      memory, FaultPlan{.at = 1, .count = 1'000'000, .kind = FaultKind::fail, .code = ErrorCode::no_space});
  Repository on_full_disk = open_on(full);
  const Error error = error_of([&] { run_prune(on_full_disk, {.max_unused_percent = 0}); });
  EXPECT_EQ(error.code(), ErrorCode::no_space);
  EXPECT_THAT(error.hint(), HasSubstr("Make some room"));
  EXPECT_EQ(testing::objects_of(*memory), objects);
}

TEST_F(PruneTest, Keeps_a_condemned_pack_that_it_cannot_read_until_what_needs_it_is_forgotten) {
  write_files(0, 1);
  back_up_source();
  write_files(1, 3);
  const std::vector<std::string> packs_before = list(ObjectKind::pack);
  const ObjectName late{ObjectKind::snapshot, back_up_source()};
  condemn_packs_of(late);
  for (const std::string& id : list(ObjectKind::pack))
    if (std::find(packs_before.begin(), packs_before.end(), id) == packs_before.end()) {
      Bytes content = get({ObjectKind::pack, id});
      content[20] ^= 1;
      replace({ObjectKind::pack, id}, content);
    }
  const std::vector<std::string> packs = list(ObjectKind::pack);
  EXPECT_EQ(code_of([&] { run_prune(repository); }), ErrorCode::damaged);
  EXPECT_THAT(list(ObjectKind::pack), ::testing::IsSupersetOf(packs));
  forget_snapshot(repository, late.id);
  run_prune(repository);
  EXPECT_EQ(read_everything(repository), 1U);
}

TEST_F(PruneTest, Frees_nothing_while_there_is_a_lease_of_a_newer_program) {
  class Notes final : public RunMonitor {
   public:
    void note(const std::string& text) override { all += text + "\n"; }
    std::string all;
  };
  Bytes newer;
  write_header(newer, HeaderKind::lease);
  newer[5] = 2;
  const auto put_newer = [&] {
    memory->put({ObjectKind::lease, to_hex(random_id<16>().view()) + ".0"}, newer, Durability::volatile_, {});
  };
  make_history();
  keep_last(repository, 1);
  put_newer();
  const std::vector<std::string> before = list(ObjectKind::pack);
  Notes monitor;
  prune(repository, {.max_unused_percent = 0}, monitor, {});
  EXPECT_THAT(monitor.all, HasSubstr("leases/"));
  EXPECT_EQ(list(ObjectKind::pack), before);

  // What was condemned before is not swept either.
  const std::string late = back_up_source();
  memory->remove({ObjectKind::lease, list(ObjectKind::lease).at(0)}, {});
  condemn_packs_of({ObjectKind::snapshot, late});
  put_newer();
  const std::vector<std::string> condemned = list(ObjectKind::pack);
  const PruneSummary held_off = run_prune(repository);
  EXPECT_TRUE(held_off.sweep_postponed);
  EXPECT_THAT(held_off.held_by, ::testing::ElementsAre(HasSubstr("unreadable")));
  EXPECT_EQ(list(ObjectKind::pack), condemned);

  memory->set_now(wall_clock_ns() + TimeNs{10} * 24 * 3600 * kNsPerSecond);
  EXPECT_GT(run_prune(repository, {.max_unused_percent = 0}).packs_deleted, 0U);
  EXPECT_EQ(read_everything(repository), 2U);
}

// Wherever a bit flips in what this machine keeps of the index.
TEST_F(PruneTest, Is_not_misled_by_a_damaged_cache) {
  write_files(0, 6, 50'000);
  const std::string first = back_up_source();
  remove_files(0, 2);
  write_files(6, 8, 50'000);
  back_up_source();
  forget_snapshot(repository, first);
  with_damaged_caches(
      41, [](Repository& in) { run_prune(in, {.max_unused_percent = 0}); },
      [](Repository& next) {
        EXPECT_EQ(read_everything(next), 1U);
        EXPECT_TRUE(run_prune(next, {.max_unused_percent = 0}).nothing_to_do);
      });
}

TEST_F(PruneTest, Removes_leases_that_lapsed_and_no_others) {
  LeaseHolder lapsed(repository, random_id<16>(), LeaseRole::writer);
  lapsed.begin({});
  memory->set_now(wall_clock_ns() + TimeNs{2} * 3600 * kNsPerSecond);
  LeaseHolder live(repository, random_id<16>(), LeaseRole::writer);
  live.begin({});
  ASSERT_EQ(list(ObjectKind::lease).size(), 2U);
  run_prune(repository);
  EXPECT_EQ(list(ObjectKind::lease).size(), 1U);
  live.release({});
  EXPECT_TRUE(list(ObjectKind::lease).empty());
}

TEST_F(PruneTest, Loses_nothing_when_two_prunes_meet_anywhere) {
  make_history();
  keep_last(repository, 1);
  for (int at = 1;; ++at) {
    SCOPED_TRACE(at);
    const std::shared_ptr<MemoryStore> store = copy_of_store();
    const auto interrupted = pruned_before(at, store);
    Repository first = open_on(interrupted);
    try {
      run_prune(first, {.max_unused_percent = 0});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::conflict) << error.what();
    }
    Repository next = open_on(store);
    ASSERT_EQ(read_everything(next), 1U);
    run_prune(next, {.max_unused_percent = 0});
    ASSERT_EQ(read_everything(next), 1U);
    if (!interrupted->called()) break;
  }
}

}  // namespace
}  // namespace igudar
