#include "store/memory_store.h"

#include <gtest/gtest.h>

namespace igudar {
namespace {

const ObjectName kPack{ObjectKind::pack, "aa"};
const ObjectName kIndex{ObjectKind::index, "bb"};
const ObjectName kLease{ObjectKind::lease, "cc"};

class MemoryStoreTest : public ::testing::Test {
 protected:
  MemoryStoreTest() {
    store_.create({});
    store_.put(kPack, view_of("durable"), Durability::durable, {});
    store_.put(kIndex, view_of("deferred"), Durability::deferred, {});
    store_.put(kLease, view_of("volatile"), Durability::volatile_, {});
  }
  MemoryStore store_;
};

TEST_F(MemoryStoreTest, Loses_deferred_and_volatile_objects_in_a_crash) {
  const auto left = store_.after_crash(VolatileFate::lost);
  left->flush({});
  EXPECT_TRUE(left->stat(kPack, {}));
  EXPECT_FALSE(left->stat(kIndex, {}));
  EXPECT_FALSE(left->stat(kLease, {}));
}

TEST_F(MemoryStoreTest, May_keep_volatile_objects_in_a_crash) {
  const auto left = store_.after_crash(VolatileFate::kept);
  EXPECT_TRUE(left->stat(kLease, {}));
  EXPECT_FALSE(left->stat(kIndex, {}));
}

TEST_F(MemoryStoreTest, Keeps_flushed_objects_in_a_crash) {
  store_.flush({});
  EXPECT_TRUE(store_.after_crash(VolatileFate::lost)->stat(kIndex, {}));
}

TEST_F(MemoryStoreTest, Is_untouched_by_what_happens_after_the_crash) {
  const auto left = store_.after_crash(VolatileFate::lost);
  left->remove(kPack, {});
  EXPECT_TRUE(store_.stat(kPack, {}));
}

TEST_F(MemoryStoreTest, Stamps_objects_with_the_clock_it_is_given) {
  store_.set_now(123);
  store_.flush({});
  EXPECT_EQ(store_.now({}), 123);
  EXPECT_EQ(store_.stat(kIndex, {})->stored_at, 123);
  EXPECT_EQ(store_.after_crash(VolatileFate::lost)->now({}), 123);
}

TEST_F(MemoryStoreTest, Flushes_a_part_when_asked) {
  const ObjectName second{ObjectKind::index, "bc"};
  store_.put(second, view_of("x"), Durability::deferred, {});
  store_.flush_some(1);
  EXPECT_TRUE(store_.stat(kIndex, {}));
  EXPECT_FALSE(store_.stat(second, {}));
}

}  // namespace
}  // namespace igudar
