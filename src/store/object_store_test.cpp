#include "store/object_store.h"

#include <gtest/gtest.h>

namespace igudar {

TEST(ObjectName, Reads_as_the_path_below_the_root) {
  EXPECT_EQ(ObjectName{}.to_string(), "config");
  EXPECT_EQ((ObjectName{ObjectKind::pack, "1f3a"}.to_string()), "packs/1f3a");
  EXPECT_EQ((ObjectName{ObjectKind::tombstone, "0"}.to_string()), "tombstones/0");
  EXPECT_EQ((ObjectName{ObjectKind::timestamp, "0.1"}.to_string()), "timestamps/0.1");
}

TEST(ObjectName, Sorts_by_kind_then_id) {
  EXPECT_LT((ObjectName{ObjectKind::key, "z"}), (ObjectName{ObjectKind::pack, "a"}));
  EXPECT_LT((ObjectName{ObjectKind::pack, "a"}), (ObjectName{ObjectKind::pack, "b"}));
}

TEST(ObjectId, Is_lower_case_and_cannot_leave_its_folder) {
  EXPECT_TRUE(valid_object_id("0a.b-c"));
  EXPECT_TRUE(valid_object_id(std::string(80, 'f')));
  for (const std::string_view id : {"", ".", "..", ".a", "a/b", "A", "a_b", "é", "a b"})
    EXPECT_FALSE(valid_object_id(id)) << id;
  EXPECT_FALSE(valid_object_id(std::string(81, 'f')));
  EXPECT_FALSE(valid_object_id(std::string_view("a\0b", 3)));
}

}  // namespace igudar
