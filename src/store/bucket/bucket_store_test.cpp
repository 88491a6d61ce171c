#include "store/bucket/bucket_store.h"

#include <gmock/gmock.h>

#include <atomic>

#include "concurrency/one_shot.h"
#include "store/bucket/memory_service_testing.h"
#include "store/expect_error.h"

namespace igudar {
namespace {

using testing::code_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::ExclusivePut;
using testing::MemoryService;
using ::testing::Not;

const ObjectName kPack{ObjectKind::pack, "0a1b2c"};
const ObjectName kLease{ObjectKind::lease, "1"};
constexpr std::size_t kPartSize = 1000;

struct Bucket {
  explicit Bucket(ExclusivePut exclusive = ExclusivePut::honoured)
      : service(std::make_shared<MemoryService>(exclusive, kPartSize)),
        store(std::make_unique<BucketStore>(service, 3)) {}

  void write(const ObjectName& name, std::size_t size, Durability durability) {
    const auto writer = store->open_writer(name, {});
    writer->append(Bytes(size, 7), {});
    writer->finish(durability, {});
  }

  std::shared_ptr<MemoryService> service;
  std::unique_ptr<BucketStore> store;
};

TEST(BucketStore, Keeps_objects_under_the_paths_of_a_folder) {
  Bucket bucket;
  bucket.store->create({});
  bucket.write(kPack, 2500, Durability::durable);
  bucket.store->put({}, view_of("config"), Durability::durable, {});
  const auto domain = bucket.store->open_folder("notes");
  domain->create({});
  domain->put(kLease, {}, Durability::volatile_, {});
  EXPECT_THAT(bucket.service->keys(), ElementsAre("config", "domains/notes/igudar-storage.txt",
                                                  "domains/notes/leases/1", "igudar-storage.txt", "packs/0a/0a1b2c"));
}

TEST(BucketStore, Finds_out_whether_the_service_creates_exclusively) {
  for (const ExclusivePut exclusive : {ExclusivePut::honoured, ExclusivePut::ignored, ExclusivePut::refused}) {
    Bucket bucket(exclusive);
    bucket.store->create({});
    const bool honoured = exclusive == ExclusivePut::honoured;
    EXPECT_EQ(bucket.store->creates_exclusively({}), honoured);
    // A later run reads what was found out.
    EXPECT_EQ(BucketStore(bucket.service, 3).creates_exclusively({}), honoured);
    bucket.store->put(kLease, view_of("1"), Durability::durable, {});
    EXPECT_EQ(code_of([&] { bucket.store->put(kLease, view_of("2"), Durability::durable, {}); }),
              ErrorCode::already_exists);
  }
}

TEST(BucketStore, Takes_a_repository_that_was_copied_to_the_bucket) {
  Bucket bucket;
  bucket.service->put("config", view_of("config"), PutCondition::none, {});
  EXPECT_TRUE(bucket.store->creates_exclusively({}));
  bucket.store->put(kLease, {}, Durability::durable, {});
  EXPECT_THAT(bucket.service->keys(), Contains("igudar-storage.txt"));
}

TEST(BucketStore, Uses_no_place_that_holds_something_else) {
  Bucket bucket;
  bucket.service->put("holiday.jpg", {}, PutCondition::none, {});
  EXPECT_EQ(code_of([&] { bucket.store->create({}); }), ErrorCode::already_exists);
  EXPECT_THAT(bucket.service->keys(), ElementsAre("holiday.jpg"));
}

TEST(BucketStore, Lists_page_after_page_and_skips_what_is_foreign) {
  Bucket bucket;
  bucket.store->create({});
  for (int i = 0; i < 35; ++i)
    bucket.store->put({ObjectKind::pack, std::to_string(1000 + i)}, {}, Durability::durable, {});
  for (const char* key : {"packs/10/UPPER", "packs/1000", "packs/10/x/1000", "packs/99/1000", "packsaurus"})
    bucket.service->put(key, {}, PutCondition::none, {});
  const auto found = bucket.store->list(ObjectKind::pack, {});
  EXPECT_EQ(found.size(), 35U);
  EXPECT_GE(bucket.service->requests("list"), 4U);
}

TEST(BucketStore, Puts_parts_while_the_object_is_written) {
  Bucket bucket;
  bucket.store->create({});
  OneShot<Done> two_parts;
  std::atomic<int> parts{0};
  bucket.service->before = [&](const std::string& request, const std::string&) {
    if (request == "put_part" && ++parts == 2) two_parts.set({});
  };
  const auto writer = bucket.store->open_writer(kPack, {});
  writer->append(Bytes(2 * kPartSize + 1, 1), {});
  (void)two_parts.wait({});
  writer->append(Bytes(kPartSize, 2), {});
  writer->finish(Durability::durable, {});
  EXPECT_EQ(bucket.store->stat(kPack, {})->size, 3 * kPartSize + 1);
}

TEST(BucketStore, Completes_deferred_uploads_at_a_flush_and_not_before) {
  Bucket bucket;
  bucket.store->create({});
  bucket.write(kPack, 2500, Durability::deferred);
  EXPECT_EQ(bucket.service->requests("complete"), 0U);
  bucket.store->flush({});
  EXPECT_EQ(bucket.service->requests("complete"), 1U);
  EXPECT_EQ(bucket.service->uploads(), 0U);
}

TEST(BucketStore, Flushes_the_rest_when_it_is_asked_again) {
  Bucket bucket;
  bucket.store->create({});
  std::atomic<bool> broken{false};
  bucket.service->before = [&](const std::string& request, const std::string& key) {
    if (broken && request == "complete" && key.ends_with("bb2")) throw Error(ErrorCode::io, "the line is cut");
  };
  for (const char* id : {"aa1", "bb2", "cc3"}) bucket.write({ObjectKind::pack, id}, 2500, Durability::deferred);
  broken = true;
  EXPECT_EQ(code_of([&] { bucket.store->flush({}); }), ErrorCode::io);
  broken = false;
  bucket.store->flush({});
  EXPECT_EQ(bucket.store->list(ObjectKind::pack, {}).size(), 3U);
  EXPECT_EQ(bucket.service->requests("complete"), 3U);
}

TEST(BucketStore, Says_that_a_part_failed_and_leaves_nothing) {
  Bucket bucket;
  bucket.store->create({});
  bucket.service->before = [](const std::string& request, const std::string&) {
    if (request == "put_part") throw Error(ErrorCode::no_space, "full");
  };
  EXPECT_EQ(code_of([&] { bucket.write(kPack, 2500, Durability::durable); }), ErrorCode::no_space);
  bucket.store.reset();  // waits for what is in the background
  EXPECT_EQ(bucket.service->uploads(), 0U);
  EXPECT_THAT(bucket.service->keys(), Not(Contains("packs/0a/0a1b2c")));
}

TEST(BucketStore, Aborts_uploads_that_nobody_wants) {
  Bucket bucket;
  bucket.store->create({});
  bucket.store->open_writer(kPack, {})->append(Bytes(5 * kPartSize, 1), {});
  bucket.write({ObjectKind::pack, "dd"}, 2500, Durability::deferred);
  bucket.store.reset();
  EXPECT_EQ(bucket.service->requests("abort"), 2U);
  EXPECT_EQ(bucket.service->uploads(), 0U);
}

TEST(BucketStore, Aborts_what_a_run_long_ago_did_not_complete) {
  Bucket bucket;
  bucket.store->create({});
  (void)bucket.service->begin_upload("packs/00/0011", {});
  bucket.service->time = bucket.service->time + 6 * kNsPerDay;
  const Upload young = bucket.service->begin_upload("packs/00/0022", {});
  bucket.service->time = bucket.service->time + 2 * kNsPerDay;
  bucket.write(kPack, 2500, Durability::deferred);
  bucket.store->flush({});
  EXPECT_EQ(bucket.service->uploads(), 1U);
  EXPECT_NO_THROW(bucket.service->put_part(young, 1, {}, {}));
}

TEST(BucketStore, Flushes_though_it_may_not_list_uploads) {
  Bucket bucket;
  bucket.store->create({});
  bucket.service->before = [](const std::string& request, const std::string&) {
    if (request == "unfinished_uploads") throw Error(ErrorCode::permission, "denied");
  };
  bucket.write(kPack, 2500, Durability::deferred);
  bucket.store->flush({});
  EXPECT_TRUE(bucket.store->stat(kPack, {}));
}

TEST(BucketStore, Replaces_nothing_by_completing_an_upload) {
  Bucket bucket;
  bucket.store->create({});
  bucket.store->put(kPack, view_of("first"), Durability::durable, {});
  EXPECT_EQ(code_of([&] { bucket.write(kPack, 2500, Durability::durable); }), ErrorCode::already_exists);
  EXPECT_EQ(bucket.store->stat(kPack, {})->size, 5U);
}

}  // namespace
}  // namespace igudar
