#include "repo/gc_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "repo/key_slots.h"
#include "repo/repo_testing.h"

namespace igudar {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::pack_named;
using testing::RepositoryFixture;
using ::testing::SizeIs;

ObjectName gc_object(const std::string& id) {
  return {ObjectKind::gc, id};
}

}  // namespace

TEST(GcState, of_a_new_repository_is_generation_0_with_nothing_condemned) {
  const RepositoryFixture fixture;
  const GcState state = read_gc_state(fixture.repository, {});
  EXPECT_EQ(state.generation, 0U);
  EXPECT_TRUE(state.swept);
  EXPECT_THAT(state.condemned, IsEmpty());
}

TEST(GcState, counts_condemned_packs_as_absent_before_and_after_the_sweep) {
  const RepositoryFixture fixture;
  ASSERT_TRUE(create_condemnation(fixture.repository, {1, {pack_named(1), pack_named(2)}, {Id32{}}, 5}, {}));
  GcState state = read_gc_state(fixture.repository, {});
  EXPECT_EQ(state.generation, 1U);
  EXPECT_FALSE(state.swept);
  EXPECT_THAT(state.condemned, ElementsAre(pack_named(1), pack_named(2)));
  EXPECT_THAT(state.condemned_segments, SizeIs(1));

  put_swept(fixture.repository, {1, 6}, {});
  put_swept(fixture.repository, {1, 7}, {});  // somebody else swept, too
  state = read_gc_state(fixture.repository, {});
  EXPECT_TRUE(state.swept);
  EXPECT_THAT(state.condemned, ElementsAre(pack_named(1), pack_named(2)));
}

TEST(GcState, is_decided_by_the_newest_generation_alone) {
  const RepositoryFixture fixture;
  ASSERT_TRUE(create_condemnation(fixture.repository, {1, {pack_named(1)}, {}, 0}, {}));
  ASSERT_TRUE(create_condemnation(fixture.repository, {0x10, {pack_named(2)}, {}, 0}, {}));
  EXPECT_THAT(read_gc_state(fixture.repository, {}).condemned, ElementsAre(pack_named(2)));
  put_swept(fixture.repository, {0x10, 0}, {});
  remove_old_gc_records(fixture.repository, 0x10, {});
  EXPECT_THAT(fixture.list(ObjectKind::gc), ElementsAre("0000000000000010", "0000000000000010.swept"));
}

TEST(GcState, lets_one_of_two_pruners_create_a_generation) {
  const RepositoryFixture fixture;
  EXPECT_TRUE(create_condemnation(fixture.repository, {1, {pack_named(1)}, {}, 0}, {}));
  EXPECT_FALSE(create_condemnation(fixture.repository, {1, {pack_named(2)}, {}, 0}, {}));
  EXPECT_THAT(read_gc_state(fixture.repository, {}).condemned, ElementsAre(pack_named(1)));
}

TEST(GcState, withdraws_a_generation_that_comes_after_a_newer_one) {
  const RepositoryFixture fixture;
  ASSERT_TRUE(create_condemnation(fixture.repository, {2, {pack_named(2)}, {}, 0}, {}));
  EXPECT_FALSE(create_condemnation(fixture.repository, {1, {pack_named(1)}, {}, 0}, {}));
  EXPECT_THAT(fixture.list(ObjectKind::gc), ElementsAre("0000000000000002"));
}

TEST(GcState, that_is_damaged_stops_writers_and_is_superseded_by_pruners) {
  RepositoryFixture fixture;
  ASSERT_TRUE(create_condemnation(fixture.repository, {1, {pack_named(1)}, {}, 0}, {}));
  fixture.flip_a_bit(gc_object(gc_object_id(1)));
  try {
    (void)read_gc_state(fixture.repository, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::damaged);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("gc/0000000000000001"));
  }
  std::vector<DamagedObject> damaged;
  const GcState state = read_gc_state(fixture.repository, damaged, {});
  EXPECT_EQ(state.generation, 1U);
  EXPECT_TRUE(state.swept);
  EXPECT_THAT(damaged, SizeIs(1));
}

TEST(GcState, counts_a_damaged_swept_mark_as_absent) {
  RepositoryFixture fixture;
  ASSERT_TRUE(create_condemnation(fixture.repository, {1, {pack_named(1)}, {}, 0}, {}));
  put_swept(fixture.repository, {1, 0}, {});
  fixture.flip_a_bit(gc_object(swept_object_id(1)));
  std::vector<DamagedObject> damaged;
  const GcState state = read_gc_state(fixture.repository, damaged, {});
  EXPECT_FALSE(state.swept);
  EXPECT_THAT(state.condemned, ElementsAre(pack_named(1)));
  EXPECT_THAT(damaged, SizeIs(1));
}

TEST(GcState, ignores_foreign_objects) {
  const RepositoryFixture fixture;
  for (const char* id : {"1", "00000000000000ff.swept", "zzzzzzzzzzzzzzzz", "0000000000000001.old"})
    fixture.memory->put(gc_object(id), view_of("x"), Durability::durable, {});
  EXPECT_EQ(read_gc_state(fixture.repository, {}).generation, 0U);
}

TEST(GcState, is_not_changed_by_writers) {
  const RepositoryFixture fixture;
  add_slot(fixture.repository, RepositoryFixture::recipient("writer"), Capability::write, {});
  try {
    create_condemnation(fixture.open("writer"), {1, {}, {}, 0}, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::permission);
  }
  EXPECT_THAT(fixture.list(ObjectKind::gc), IsEmpty());
}

}  // namespace igudar
