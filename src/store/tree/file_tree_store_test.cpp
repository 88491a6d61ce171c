#include "store/tree/file_tree_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/time.h>

#include <fstream>

#include "store/expect_error.h"
#include "store/local_store.h"
#include "store/tree/folder_files_testing.h"
#include "testing/scratch_dir.h"

namespace igudar {
namespace {

using testing::code_of;
using ::testing::ElementsAre;
using testing::FolderFiles;
using ::testing::IsEmpty;

const ObjectName kPack{ObjectKind::pack, "0a1b2c"};
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 40;

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  std::uint32_t state = 7;
  for (auto& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}

RetryPolicy at_once(unsigned retries) {
  return {.retries = retries, .sleep = [](std::chrono::milliseconds, const std::stop_token&) {}};
}

class FileTreeStoreTest : public ::testing::Test {
 protected:
  FileTreeStoreTest() { store_->create({}); }

  std::vector<std::string> in_tmp() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(root_ / "tmp"))
      names.push_back(entry.path().filename());
    return names;
  }
  void write_pack(ByteView content, Durability durability = Durability::durable) {
    const auto writer = store_->open_writer(kPack, {});
    writer->append(content, {});
    writer->finish(durability, {});
  }
  bool holds_pack(ByteView content) const { return equal(store_->get(kPack, kNoLimit, {}), content); }
  void put_into_tmp(const std::string& name, int days_old) const {
    std::ofstream(root_ / "tmp" / name) << "left";
    const timeval when{::time(nullptr) - days_old * 24 * 3600, 0};
    const timeval times[] = {when, when};
    ASSERT_EQ(::utimes((root_ / "tmp" / name).c_str(), times), 0);
  }
  std::unique_ptr<FileTreeStore> opened_again() const {
    return std::make_unique<FileTreeStore>(files_, root_.string(), at_once(0));
  }

  testing::ScratchDir scratch_;
  std::filesystem::path root_ = scratch_ / "a/deep/repo";
  std::shared_ptr<FolderFiles> files_ = std::make_shared<FolderFiles>();
  std::unique_ptr<FileTreeStore> store_ = std::make_unique<FileTreeStore>(files_, root_.string(), at_once(3));
};

TEST_F(FileTreeStoreTest, A_writer_survives_a_lost_connection_at_each_stage) {
  for (const std::size_t size : {std::size_t{1000}, 3 * FileUpload::kBlockBytes + 1000}) {
    const Bytes content = pattern(size);
    for (const auto lost : {FolderFiles::Lost::request, FolderFiles::Lost::reply}) {
      for (int operation = 1;; ++operation) {
        files_->lose(operation, lost);
        write_pack(content);
        const bool was_lost = files_->operations() >= operation;
        files_->lose(0, lost);
        EXPECT_TRUE(holds_pack(content)) << size << " bytes, operation " << operation;
        EXPECT_THAT(in_tmp(), IsEmpty()) << size << " bytes, operation " << operation;
        store_->remove(kPack, {});
        if (!was_lost) break;
      }
    }
  }
}

TEST_F(FileTreeStoreTest, A_flush_can_be_repeated_after_a_lost_connection_at_each_stage) {
  const Bytes content = pattern(2 * FileUpload::kBlockBytes + 5);
  const ObjectName index{ObjectKind::index, "1"};
  for (const auto lost : {FolderFiles::Lost::request, FolderFiles::Lost::reply}) {
    bool failed = true;
    for (int operation = 1; failed; ++operation) {
      write_pack(content, Durability::deferred);
      store_->put(index, view_of("segment"), Durability::deferred, {});
      files_->lose(operation, lost);
      failed = false;
      try {
        store_->flush({});
      } catch (const Error& error) {
        EXPECT_TRUE(error.retryable());
        failed = true;
        store_->flush({});
      }
      files_->lose(0, lost);
      EXPECT_TRUE(holds_pack(content)) << operation;
      EXPECT_EQ(text_of(store_->get(index, kNoLimit, {})), "segment") << operation;
      EXPECT_THAT(in_tmp(), IsEmpty()) << operation;
      store_->remove(kPack, {});
      store_->remove(index, {});
    }
  }
}

TEST_F(FileTreeStoreTest, What_a_crashed_server_lost_is_found_before_it_gets_its_name) {
  const Bytes content = pattern(4 * FileUpload::kBlockBytes);
  const auto writer = store_->open_writer(kPack, {});
  writer->append(content, {});
  // The last block's connection is lost, and with it what the server had not brought to its disk.
  files_->on_loss = [&](const std::string& path) {
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(path).parent_path())) {
      std::fstream file(entry.path(), std::ios::in | std::ios::out);
      file.seekp(1000) << std::string(5000, '\0');
    }
  };
  files_->lose(1, FolderFiles::Lost::request);
  writer->append(ByteView(content).first(FileUpload::kBlockBytes), {});
  EXPECT_EQ(code_of([&] { writer->finish(Durability::durable, {}); }), ErrorCode::io);
  EXPECT_EQ(store_->stat(kPack, {}), std::nullopt);
}

TEST_F(FileTreeStoreTest, A_name_that_another_took_is_not_mistaken_for_ones_own) {
  const Bytes ours = pattern(3 * FileUpload::kBlockBytes);
  Bytes theirs = ours;
  theirs.back() ^= 1;
  const auto writer = store_->open_writer(kPack, {});
  writer->append(ours, {});
  opened_again()->put(kPack, theirs, Durability::durable, {});
  EXPECT_EQ(code_of([&] { writer->finish(Durability::durable, {}); }), ErrorCode::already_exists);
  EXPECT_TRUE(holds_pack(theirs));
}

TEST_F(FileTreeStoreTest, Gives_up_after_so_many_attempts) {
  store_ = std::make_unique<FileTreeStore>(files_, root_.string(), at_once(0));
  files_->lose(3, FolderFiles::Lost::request);
  EXPECT_TRUE(testing::error_of([&] { write_pack(pattern(10)); }).retryable());
}

TEST_F(FileTreeStoreTest, Removes_what_dead_writers_left_but_nothing_younger_than_three_days) {
  put_into_tmp("old", 4);
  put_into_tmp("young", 2);
  opened_again()->put({ObjectKind::lease, "1"}, view_of("x"), Durability::durable, {});
  EXPECT_THAT(in_tmp(), ElementsAre("young"));
}

TEST_F(FileTreeStoreTest, Makes_folders_that_a_copy_left_out) {
  std::filesystem::remove_all(root_ / "packs");
  std::filesystem::remove_all(root_ / "tmp");
  store_ = opened_again();
  EXPECT_THAT(store_->list(ObjectKind::pack, {}), IsEmpty());
  write_pack(view_of("content"));
  EXPECT_TRUE(holds_pack(view_of("content")));
}

TEST_F(FileTreeStoreTest, Shares_its_folders_with_a_local_store) {
  write_pack(view_of("from afar"));
  LocalStore local(root_);
  EXPECT_EQ(text_of(local.get(kPack, kNoLimit, {})), "from afar");
  local.put({ObjectKind::pack, "ff00"}, view_of("from here"), Durability::durable, {});
  local.open_folder("second")->create({});
  local.open_folder("second")->put({ObjectKind::lease, "1"}, view_of("x"), Durability::durable, {});
  EXPECT_EQ(text_of(store_->get({ObjectKind::pack, "ff00"}, kNoLimit, {})), "from here");
  EXPECT_EQ(store_->list(ObjectKind::pack, {}).size(), 2U);
  EXPECT_EQ(store_->open_folder("second")->list(ObjectKind::lease, {}).size(), 1U);
}

TEST_F(FileTreeStoreTest, Says_whether_names_are_exclusive) {
  EXPECT_TRUE(store_->creates_exclusively({}));
  files_->exclusive = false;
  EXPECT_FALSE(store_->creates_exclusively({}));
}

}  // namespace
}  // namespace igudar
