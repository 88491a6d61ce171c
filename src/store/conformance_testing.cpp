#include "store/conformance_testing.h"

#include <gmock/gmock.h>

#include <atomic>

#include "concurrency/task_scope.h"
#include "store/expect_error.h"

namespace igudar::testing {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const ObjectName kConfig{};
const ObjectName kPack{ObjectKind::pack, "0a1b2c"};
const ObjectName kSnapshot{ObjectKind::snapshot, "5e"};

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  std::uint32_t state = 1;
  for (auto& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}

}  // namespace

TEST_P(StoreConformance, Refuses_to_create_twice) {
  EXPECT_EQ(code_of([&] { store_->create({}); }), ErrorCode::already_exists);
}

TEST_P(StoreConformance, Has_nothing_before_it_is_created) {
  const auto absent = GetParam().make(scratch_ / "absent");
  EXPECT_EQ(code_of([&] { (void)absent->get(kConfig, kNoLimit, {}); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { (void)absent->list(ObjectKind::pack, {}); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { (void)absent->now({}); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { absent->put(kConfig, {}, Durability::durable, {}); }), ErrorCode::not_found);
  EXPECT_EQ(absent->stat(kConfig, {}), std::nullopt);
}

TEST_P(StoreConformance, Gives_back_objects_of_every_kind) {
  for (const ObjectKind kind : kAllObjectKinds) {
    const ObjectName name{kind, kind == ObjectKind::config ? "" : "abc"};
    put(name, name.to_string());
    EXPECT_EQ(text(name), name.to_string());
    EXPECT_THAT(names(kind), ElementsAre(name.to_string()));
  }
}

TEST_P(StoreConformance, Keeps_empty_objects) {
  put(kPack, "");
  EXPECT_EQ(text(kPack), "");
  EXPECT_EQ(store_->stat(kPack, {})->size, 0U);
}

TEST_P(StoreConformance, Never_replaces_an_object) {
  put(kPack, "first");
  for (const Durability durability : {Durability::durable, Durability::deferred, Durability::volatile_}) {
    EXPECT_EQ(code_of([&] { put(kPack, "second", durability); }), ErrorCode::already_exists);
    const auto writer = store_->open_writer(kPack, {});
    writer->append(view_of("third"), {});
    EXPECT_EQ(code_of([&] { writer->finish(durability, {}); }), ErrorCode::already_exists);
  }
  store_->flush({});
  EXPECT_EQ(text(kPack), "first");
}

TEST_P(StoreConformance, Lets_exactly_one_of_eight_threads_create_a_name) {
  if (!store_->creates_exclusively({})) GTEST_SKIP() << "this storage does not create exclusively, and says so";
  for (int round = 0; round < 20; ++round) {
    const ObjectName name{ObjectKind::gc, std::to_string(round)};
    std::atomic<int> winner{-1};
    std::atomic<int> wins{0};
    parallel_for(8, 8, {}, [&](std::size_t i) {
      try {
        put(name, std::to_string(i));
        winner = static_cast<int>(i);
        wins++;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::already_exists);
      }
    });
    EXPECT_EQ(wins, 1);
    EXPECT_EQ(text(name), std::to_string(winner));
  }
}

TEST_P(StoreConformance, Shows_deferred_objects_only_after_a_flush) {
  put(kPack, "pack", Durability::deferred);
  const auto writer = store_->open_writer(kSnapshot, {});
  writer->append(view_of("snapshot"), {});
  writer->finish(Durability::deferred, {});
  EXPECT_EQ(store_->stat(kPack, {}), std::nullopt);
  EXPECT_EQ(code_of([&] { (void)store_->get(kSnapshot, kNoLimit, {}); }), ErrorCode::not_found);
  EXPECT_THAT(names(ObjectKind::pack), IsEmpty());

  store_->flush({});
  EXPECT_EQ(text(kPack), "pack");
  EXPECT_EQ(text(kSnapshot), "snapshot");
  store_->flush({});
}

TEST_P(StoreConformance, Gives_up_deferred_objects_and_takes_their_names_again) {
  put(kPack, "never wanted", Durability::deferred);
  store_->drop_deferred();
  store_->flush({});
  EXPECT_FALSE(store_->stat(kPack, {}));
  put(kPack, "wanted", Durability::deferred);
  store_->flush({});
  store_->drop_deferred();
  EXPECT_EQ(text(kPack), "wanted");
}

TEST_P(StoreConformance, Takes_a_deferred_name_only_once) {
  put(kPack, "first", Durability::deferred);
  EXPECT_EQ(code_of([&] { put(kPack, "second", Durability::deferred); }), ErrorCode::already_exists);
  store_->flush({});
  EXPECT_EQ(text(kPack), "first");
}

TEST_P(StoreConformance, Flushes_more_objects_than_it_may_keep_open) {
  for (int i = 0; i < 200; ++i)
    put({ObjectKind::pack, std::to_string(1000 + i)}, std::to_string(i), Durability::deferred);
  store_->flush({});
  EXPECT_EQ(names(ObjectKind::pack).size(), 200U);
  EXPECT_EQ(text({ObjectKind::pack, "1150"}), "150");
}

TEST_P(StoreConformance, Leaves_nothing_of_an_unfinished_writer) {
  store_->open_writer(kPack, {})->append(pattern(3 << 20), {});
  store_->flush({});
  EXPECT_THAT(names(ObjectKind::pack), IsEmpty());
  put(kPack, "free again");
  EXPECT_EQ(text(kPack), "free again");
}

TEST_P(StoreConformance, Writes_a_large_object_in_uneven_pieces) {
  const Bytes content = pattern(20 << 20);
  const auto writer = store_->open_writer(kPack, {});
  const std::size_t sizes[] = {1, 0, 4096, 262143, 262144, 262145, 5 << 20};
  ByteView left = content;
  for (std::size_t i = 0; !left.empty(); ++i) {
    const ByteView piece = left.first(std::min(left.size(), sizes[i % std::size(sizes)]));
    writer->append(piece, {});
    left = left.subspan(piece.size());
  }
  writer->finish(Durability::durable, {});
  EXPECT_TRUE(equal(store_->get(kPack, content.size(), {}), content));

  Bytes middle(5 << 20);
  store_->get_range(kPack, 7'654'321, middle, {});
  EXPECT_TRUE(equal(middle, ByteView(content).subspan(7'654'321, middle.size())));
}

TEST_P(StoreConformance, Calls_an_object_over_the_limit_damaged) {
  put(kPack, "12345");
  EXPECT_EQ(store_->get(kPack, 5, {}).size(), 5U);
  EXPECT_EQ(code_of([&] { (void)store_->get(kPack, 4, {}); }), ErrorCode::damaged);
}

TEST_P(StoreConformance, Calls_a_range_past_the_end_truncated) {
  put(kPack, "12345");
  Bytes three(3);
  store_->get_range(kPack, 2, three, {});
  EXPECT_EQ(text_of(three), "345");
  EXPECT_EQ(code_of([&] { store_->get_range(kPack, 3, three, {}); }), ErrorCode::truncated);
  EXPECT_EQ(code_of([&] { store_->get_range(kPack, 100, three, {}); }), ErrorCode::truncated);
  store_->get_range(kPack, 5, {}, {});
}

TEST_P(StoreConformance, Says_when_an_object_is_not_there) {
  Bytes byte(1);
  EXPECT_EQ(code_of([&] { (void)store_->get(kPack, kNoLimit, {}); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { store_->get_range(kPack, 0, byte, {}); }), ErrorCode::not_found);
  EXPECT_EQ(store_->stat(kPack, {}), std::nullopt);
}

TEST_P(StoreConformance, Lists_in_order_with_sizes_and_times) {
  const TimeNs before = store_->now({});
  const TimeNs rounding = store_->traits().network ? kNsPerSecond : 0;  // some services round to whole seconds, up
  for (const char* id : {"ff00", "0011", "a", "00-1", "0.0"}) put({ObjectKind::pack, id}, id);
  const auto found = store_->list(ObjectKind::pack, {});
  EXPECT_THAT(names(ObjectKind::pack), ElementsAre("packs/0.0", "packs/00-1", "packs/0011", "packs/a", "packs/ff00"));
  for (const ObjectInfo& info : found) {
    EXPECT_EQ(info.size, info.name.id.size());
    EXPECT_GE(info.stored_at, before);
    EXPECT_LE(info.stored_at, store_->now({}) + rounding);
    EXPECT_EQ(store_->stat(info.name, {})->stored_at, info.stored_at);
  }
}

TEST_P(StoreConformance, Removes_objects_and_does_not_mind_missing_ones) {
  put(kPack, "content");
  Bytes byte(1);
  store_->get_range(kPack, 0, byte, {});
  store_->remove(kPack, {});
  store_->remove(kPack, {});
  store_->remove({ObjectKind::lease, "never"}, {});
  EXPECT_EQ(store_->stat(kPack, {}), std::nullopt);
  EXPECT_EQ(code_of([&] { store_->get_range(kPack, 0, byte, {}); }), ErrorCode::not_found);
  put(kPack, "new");
  store_->get_range(kPack, 0, byte, {});
  EXPECT_EQ(text_of(byte), "n");
}

TEST_P(StoreConformance, Takes_many_writers_at_once) {
  parallel_for(16, 8, {}, [&](std::size_t i) {
    const Bytes content = pattern((i + 1) * 100'000);
    const ObjectName name{ObjectKind::pack, "w" + std::to_string(i)};
    const auto writer = store_->open_writer(name, {});
    for (ByteView left = content; !left.empty(); left = left.subspan(50'000)) writer->append(left.first(50'000), {});
    writer->finish(i % 2 == 0 ? Durability::deferred : Durability::durable, {});
    if (i % 2 == 0) store_->flush({});
    EXPECT_TRUE(equal(store_->get(name, kNoLimit, {}), content));
  });
  EXPECT_EQ(names(ObjectKind::pack).size(), 16U);
}

TEST_P(StoreConformance, Stops_on_request) {
  put(kPack, "content");
  const auto writer = store_->open_writer(kSnapshot, {});
  std::stop_source source;
  source.request_stop();
  const std::stop_token stop = source.get_token();
  Bytes byte(1);
  const std::function<void()> actions[] = {
      [&] { store_->put(kConfig, {}, Durability::durable, stop); },
      [&] { (void)store_->open_writer(kConfig, stop); },
      [&] { writer->append(view_of("x"), stop); },
      [&] { writer->finish(Durability::durable, stop); },
      [&] { store_->flush(stop); },
      [&] { (void)store_->get(kPack, kNoLimit, stop); },
      [&] { store_->get_range(kPack, 0, byte, stop); },
      [&] { (void)store_->stat(kPack, stop); },
      [&] { (void)store_->list(ObjectKind::pack, stop); },
      [&] { store_->remove(kPack, stop); },
      [&] { (void)store_->now(stop); },
  };
  for (const auto& action : actions) EXPECT_EQ(code_of(action), ErrorCode::interrupted);
  EXPECT_EQ(text(kPack), "content");
  EXPECT_EQ(store_->stat(kConfig, {}), std::nullopt);
}

TEST_P(StoreConformance, Refuses_ids_that_could_leave_the_folder) {
  for (const char* id : {"", "..", ".hidden", "a/b", "../x", "UPPER", "a b", "a\n"})
    EXPECT_EQ(code_of([&] { put({ObjectKind::index, id}, "x"); }), ErrorCode::failed) << id;
  EXPECT_EQ(code_of([&] { put({ObjectKind::config, "x"}, "x"); }), ErrorCode::failed);
  EXPECT_EQ(code_of([&] { put({ObjectKind::index, std::string(81, 'a')}, "x"); }), ErrorCode::failed);
  put({ObjectKind::index, std::string(80, 'a')}, "x");
}

}  // namespace igudar::testing
