#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "base/hex.h"
#include "crypto/time_stamp_testing.h"
#include "format/pack.h"
#include "ops/check/check.h"
#include "repo/gc_state.h"
#include "repo/key_rotation.h"
#include "repo/key_slots.h"
#include "repo/leases.h"
#include "repo/registry.h"
#include "repo/snapshot_catalogue.h"
#include "repo/time_stamps.h"
#include "testing/repository_fixture.h"

namespace igudar {
namespace {

using testing::StoredObjects;

// A repository with every kind of object at least twice, so that they can be swapped.
class Victim : public testing::SourceFixture {
 public:
  Victim() {
    add_slot(repository, recipient("other"), Capability::full, {});
    for (int i = 0; i < 2; ++i) {
      rotate_keys(repository, {}, {});
      repository = open("secret");
    }
    write_sample_tree();
    write("large.bin", testing::noise(std::size_t{1200} << 10, 1));
    for (int i = 0; i < 4; ++i) back_up_change("first" + std::to_string(i));
    for (int i = 0; i < 2; ++i) forget_oldest();
    for (std::uint64_t generation = 1; generation <= 2; ++generation) {
      Condemnation nothing;
      nothing.generation = generation;
      create_condemnation(repository, nothing, {});
      SweptMark mark;
      mark.generation = generation;
      put_swept(repository, mark, {});
    }
    for (int i = 0; i < 2; ++i) back_up_change("last" + std::to_string(i));
    for (int i = 0; i < 2; ++i) LeaseHolder(repository, random_id<16>(), LeaseRole::writer).begin({});
    for (int i = 0; i < 2; ++i) stamp(snapshots().at(static_cast<std::size_t>(i)));
    put_registry_entry(repository, {.body = {1}}, {});
    put_registry_entry(repository, {.body = {2}}, {});
    RunMonitor silent;
    check(repository, {}, silent, {});  // remembers the heads
  }

  std::vector<ObjectName> snapshots() const {  // oldest first
    std::vector<ObjectName> names;
    const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::store, {});
    for (const CataloguedSnapshot& each : catalogue.snapshots())
      names.push_back({ObjectKind::snapshot, to_hex(each.id.view())});
    return names;
  }
  std::vector<ObjectName> all(ObjectKind kind, const std::string& ending = "") const {
    std::vector<ObjectName> names;
    for (const ObjectInfo& object : memory->list(kind, {}))
      if (object.name.id.ends_with(ending)) names.push_back(object.name);
    return names;
  }

 private:
  void back_up_change(const std::string& name) {
    write("changing/" + name, testing::noise(3000, std::hash<std::string>()(name)));
    back_up_source();
  }
  // Whose stamp it is does not matter here.
  void stamp(const ObjectName& snapshot) {
    put_time_stamp(repository, SnapshotId::from(*from_hex(snapshot.id)),
                   {testing::sample_time_stamp().der, 0, "http://example.org/tsr"}, {});
  }
  void forget_oldest() {
    const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::store, {});
    const CataloguedSnapshot& oldest = catalogue.snapshots().front();
    Tombstone tombstone;
    tombstone.forgotten = {{oldest.id, oldest.snapshot.heads}};
    tombstone.heads = catalogue.heads();
    put_tombstone(repository, tombstone, {});
    remove_snapshot(repository, oldest.id, {});
  }
};

const Victim& victim() {
  static const Victim instance;
  return instance;
}

enum class Verdict { damage, remark, nothing, not_applicable };

// What is damaged: objects, each with another of its kind to be swapped with, and a free name of the kind.
struct Target {
  ObjectName name;
  ObjectName other;
  ObjectName free;
};
struct Row {
  const char* name;
  std::function<std::vector<Target>(const Victim&)> targets;
  Verdict missing, changed, swapped, duplicated;
  bool affects_snapshots;  // when missing or replaced
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

std::string digits(std::size_t count) {
  return std::string(count, 'e');
}

std::vector<Target> first_two(std::vector<ObjectName> names, const std::string& free) {
  const ObjectKind kind = names.at(0).kind;
  return {{names.at(0), names.at(1), {kind, free}}};
}
std::vector<Target> last_two(std::vector<ObjectName> names, const std::string& free) {
  std::reverse(names.begin(), names.end());
  return first_two(std::move(names), free);
}

constexpr Verdict D = Verdict::damage;
constexpr Verdict R = Verdict::remark;
constexpr Verdict N = Verdict::nothing;
constexpr Verdict X = Verdict::not_applicable;

// clang-format off
const Row kRows[] = {
  // object             which                                                                            missing changed swapped duplicated affects
  {"config",            [](const Victim&) { return std::vector<Target>{{{}, {}, {}}}; },                        D, D, X, X, false},
  {"slot_copy",         [](const Victim& v) { return first_two(v.all(ObjectKind::key, ".1"), digits(32) + ".1"); }, D, D, D, D, false},
  {"slot_both_copies",  [](const Victim& v) {
     std::vector<Target> both = first_two(v.all(ObjectKind::key, ".1"), digits(32) + ".1");
     both.push_back(first_two(v.all(ObjectKind::key, ".2"), digits(32) + ".2").front());
     return both; },                                                                                            X, D, D, D, false},
  {"epoch_copy",        [](const Victim& v) { return first_two(v.all(ObjectKind::epoch, ".1"), digits(32) + ".7.1"); }, D, D, D, D, false},
  {"grant_copy",        [](const Victim& v) { return first_two(v.all(ObjectKind::grant, ".1"), digits(32) + "." + digits(16) + ".1"); }, D, D, D, D, false},
  {"data_pack",         [](const Victim& v) { return first_two(v.packs(PackType::data), digits(32)); },         D, D, D, R, true},
  {"metadata_pack",     [](const Victim& v) { return first_two(v.packs(PackType::metadata), digits(32)); },     D, D, D, R, false},
  {"index",             [](const Victim& v) { return first_two(v.all(ObjectKind::index), digits(64)); },        D, D, D, D, false},
  {"older_snapshot",    [](const Victim& v) { return first_two(v.snapshots(), digits(64)); },                   D, D, D, D, false},
  {"newest_snapshot",   [](const Victim& v) { return last_two(v.snapshots(), digits(64)); },                    D, D, D, D, false},
  {"tombstone",         [](const Victim& v) { return first_two(v.all(ObjectKind::tombstone), digits(64)); },    D, D, D, D, false},
  {"gc_record",         [](const Victim& v) { return std::vector<Target>{{v.all(ObjectKind::gc, "0002").at(0), v.all(ObjectKind::gc, "0001").at(0), {ObjectKind::gc, gc_object_id(3)}}}; }, D, D, D, D, false},
  {"gc_swept",          [](const Victim& v) { return last_two(v.all(ObjectKind::gc, ".swept"), swept_object_id(3)); }, R, D, D, D, false},
  {"registry_entry",    [](const Victim& v) { return first_two(v.all(ObjectKind::registry), digits(64)); },     N, D, D, D, false},
  {"lease",             [](const Victim& v) { return first_two(v.all(ObjectKind::lease), digits(32) + ".0"); }, N, R, R, R, false},
  {"timestamp",         [](const Victim& v) { return first_two(v.all(ObjectKind::timestamp), digits(64) + "." + digits(8)); }, N, D, D, D, false},
};
// clang-format on

class DamageMatrix : public ::testing::TestWithParam<Row> {
 protected:
  DamageMatrix() : targets_(GetParam().targets(victim())) {}

  struct Outcome {
    CheckSummary summary;
    std::string text;
    bool names(const ObjectName& name) const {
      const auto about = [&](const Finding& finding) {
        return name.id.empty() ? finding.object == "config"
                               : finding.object.find(name.id.substr(0, 32)) != std::string::npos;
      };
      return std::any_of(summary.damage.begin(), summary.damage.end(), about) ||
             std::any_of(summary.remarks.begin(), summary.remarks.end(), about);
    }
  };

  // Damages a copy of the victim after it was opened, checks it, and sees that the check changed nothing.
  Outcome check_damaged(const std::function<void(MemoryStore&, const Target&)>& damage) {
    const std::shared_ptr<MemoryStore> store = victim().memory->after_crash(VolatileFate::kept);
    UserFolders folders = victim().folders();
    folders.cache = scratch_ / "cache";
    Repository repository = open_repository(std::make_unique<testing::SharedStore>(store),
                                            testing::SourceFixture::credential("secret"), folders, {});
    for (const Target& target : targets_) damage(*store, target);
    const StoredObjects before = testing::objects_of(*store);
    RunMonitor silent;
    CheckOptions options;
    options.read_data.kind = ReadDataSelection::Kind::all;
    Outcome outcome{check(repository, options, silent, {}), {}};
    EXPECT_EQ(testing::objects_of(*store), before) << "the check changed the repository";
    for (const Finding& finding : outcome.summary.damage)
      outcome.text += "damage " + finding.object + ": " + finding.text + "\n";
    for (const Finding& finding : outcome.summary.remarks)
      outcome.text += "remark " + finding.object + ": " + finding.text + "\n";
    return outcome;
  }

  void expect(Verdict verdict, const Outcome& outcome, const ObjectName& named) {
    EXPECT_EQ(!outcome.summary.damage.empty(), verdict == Verdict::damage) << outcome.text;
    EXPECT_EQ(!outcome.summary.remarks.empty() || !outcome.summary.damage.empty(), verdict != Verdict::nothing)
        << outcome.text;
    EXPECT_TRUE(verdict == Verdict::nothing || outcome.names(named)) << named.to_string() << "\n" << outcome.text;
  }

  static void change(MemoryStore& store, const ObjectName& name, const std::function<void(Bytes&)>& edit) {
    Bytes content = store.get(name, 1 << 30, {});
    edit(content);
    store.remove(name, {});
    store.put(name, content, Durability::durable, {});
  }

  const std::vector<Target> targets_;
  testing::ScratchDir scratch_;
};

TEST_P(DamageMatrix, Missing) {
  if (GetParam().missing == X) GTEST_SKIP() << "the check needs the slot that it was opened with";
  const Outcome outcome =
      check_damaged([](MemoryStore& store, const Target& target) { store.remove(target.name, {}); });
  // Which segment is missing nobody knows.
  const bool unknown = targets_[0].name.kind == ObjectKind::index;
  expect(GetParam().missing, outcome, unknown ? ObjectName{ObjectKind::index, "index"} : targets_[0].name);
  EXPECT_TRUE(!GetParam().affects_snapshots || !outcome.summary.affected_snapshots.empty()) << outcome.text;
}

TEST_P(DamageMatrix, Truncated) {
  for (const int eighths : {0, 3, 7, 8}) {
    SCOPED_TRACE(eighths);
    const Outcome outcome = check_damaged([&](MemoryStore& store, const Target& target) {
      change(store, target.name, [&](Bytes& content) {
        content.resize(eighths == 8 ? content.size() - 1 : content.size() * static_cast<std::size_t>(eighths) / 8);
      });
    });
    expect(GetParam().changed, outcome, targets_[0].name);
  }
}

TEST_P(DamageMatrix, One_bit_flipped) {
  for (const int place : {0, 5, 9, -1, -5, -10, -60, 25, 50, 75}) {  // from the start, from the end, percent
    SCOPED_TRACE(place);
    const Outcome outcome = check_damaged([&](MemoryStore& store, const Target& target) {
      change(store, target.name, [&](Bytes& content) {
        const std::size_t at = place < 0    ? content.size() - static_cast<std::size_t>(-place)
                               : place < 20 ? static_cast<std::size_t>(place)
                                            : content.size() * static_cast<std::size_t>(place) / 100;
        content[at] ^= 4;
      });
    });
    expect(GetParam().changed, outcome, targets_[0].name);
  }
}

TEST_P(DamageMatrix, Swapped_with_another_of_its_kind) {
  if (GetParam().swapped == X) GTEST_SKIP() << "there is no other of its kind";
  const Outcome outcome = check_damaged([](MemoryStore& store, const Target& target) {
    const Bytes first = store.get(target.name, 1 << 30, {});
    const Bytes second = store.get(target.other, 1 << 30, {});
    change(store, target.name, [&](Bytes& content) { content = second; });
    change(store, target.other, [&](Bytes& content) { content = first; });
  });
  expect(GetParam().swapped, outcome, targets_[0].name);
  expect(GetParam().swapped, outcome, targets_[0].other);
}

TEST_P(DamageMatrix, Duplicated_under_another_name) {
  if (GetParam().duplicated == X) GTEST_SKIP() << "it has no other name";
  const Outcome outcome = check_damaged([](MemoryStore& store, const Target& target) {
    store.put(target.free, store.get(target.name, 1 << 30, {}), Durability::durable, {});
  });
  expect(GetParam().duplicated, outcome, targets_[0].free);
}

TEST_P(DamageMatrix, Replaced_by_foreign_bytes) {
  const Outcome outcome = check_damaged([](MemoryStore& store, const Target& target) {
    change(store, target.name, [](Bytes& content) {
      content = copy_of(view_of("this is no part of a repository at all, nor ever was\n"));
    });
  });
  expect(GetParam().changed, outcome, targets_[0].name);
  EXPECT_TRUE(!GetParam().affects_snapshots || !outcome.summary.affected_snapshots.empty()) << outcome.text;
}

INSTANTIATE_TEST_SUITE_P(Check, DamageMatrix, ::testing::ValuesIn(kRows),
                         [](const ::testing::TestParamInfo<Row>& row) { return row.param.name; });

TEST(DamageMatrixVictim, Is_clean_before_it_is_damaged) {
  const std::shared_ptr<MemoryStore> store = victim().memory->after_crash(VolatileFate::kept);
  Repository repository = open_repository(std::make_unique<testing::SharedStore>(store),
                                          testing::SourceFixture::credential("secret"), victim().folders(), {});
  RunMonitor silent;
  const CheckSummary summary = check(repository, {}, silent, {});
  EXPECT_TRUE(summary.damage.empty()) << summary.damage[0].object << ": " << summary.damage[0].text;
  EXPECT_TRUE(summary.remarks.empty()) << summary.remarks[0].object << ": " << summary.remarks[0].text;
}

}  // namespace
}  // namespace igudar
