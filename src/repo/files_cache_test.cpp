#include "repo/files_cache.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "crypto/random.h"
#include "repo/local_file.h"
#include "repo/repo_testing.h"

namespace igudar {
namespace {

using ::testing::SizeIs;

class FilesCacheTest : public ::testing::Test, public testing::RepositoryFixture {
 protected:
  static constexpr int kEntries = 5000;  // more than a window holds

  static std::string key(int number) { return "folder" + std::to_string(number / 100) + '\0' + std::to_string(number); }
  static Bytes value(int number) {
    return Bytes(static_cast<std::size_t>(number % 300), static_cast<std::uint8_t>(number));
  }
  static std::vector<ChunkId> below(int number) {
    std::vector<ChunkId> ids(static_cast<std::size_t>(number % 7 == 0 ? number % 50 : 0));
    for (ChunkId& id : ids) id.bytes.fill(static_cast<std::uint8_t>(number));
    return ids;
  }
  void write(int entries = kEntries) const {
    FilesCacheWriter writer(repository, name_);
    for (int i = 0; i < entries; ++i) writer.add(key(i), value(i), below(i));
    writer.commit(snapshot_, 42);
  }
  std::optional<FilesCache> read() const { return FilesCache::open(repository, name_); }
  std::filesystem::path file() const {
    return std::filesystem::directory_iterator(repository.cache_folder() / "files")->path();
  }
  static bool is_right(const CachedEntry* entry, int number) {
    return entry != nullptr && entry->value == value(number) && entry->below == below(number);
  }

  const FilesCacheName name_{random_id<16>(), random_id<16>()};
  const SnapshotId snapshot_ = random_id<32>();
};

TEST_F(FilesCacheTest, Gives_back_what_was_filed_in_any_order) {
  EXPECT_FALSE(read());
  write();
  std::optional<FilesCache> cache = read();
  ASSERT_TRUE(cache);
  EXPECT_EQ(cache->snapshot(), snapshot_);
  EXPECT_EQ(cache->scan_time(), 42);
  for (int i = 0; i < kEntries; ++i) ASSERT_TRUE(is_right(cache->find(key(i)), i)) << i;
  for (int i = kEntries - 1; i >= 0; i -= 7) ASSERT_TRUE(is_right(cache->find(key(i)), i)) << i;
  EXPECT_EQ(cache->find("folder"), nullptr);
  EXPECT_TRUE(is_right(cache->find(key(3)), 3));
}

TEST_F(FilesCacheTest, Passes_over_what_came_and_went) {
  write();
  std::optional<FilesCache> cache = read();
  for (int i = 0; i < kEntries; i += 3) {
    ASSERT_TRUE(is_right(cache->find(key(i)), i)) << i;
    ASSERT_EQ(cache->find(key(i) + "new"), nullptr) << i;
  }
}

TEST_F(FilesCacheTest, Is_there_once_it_is_complete_and_replaces_the_one_before) {
  write(10);
  {
    FilesCacheWriter abandoned(repository, name_);
    abandoned.add(key(0), value(1), {});
  }
  EXPECT_TRUE(is_right(read()->find(key(0)), 0));
  EXPECT_THAT(
      std::vector<std::filesystem::path>(std::filesystem::directory_iterator(repository.cache_folder() / "files"), {}),
      SizeIs(1));
  write(0);
  EXPECT_EQ(read()->find(key(0)), nullptr);
}

TEST_F(FilesCacheTest, Is_of_no_use_to_another_name_or_repository) {
  write(10);
  EXPECT_FALSE(FilesCache::open(repository, {name_.host, random_id<16>()}));
  const RepositoryFixture other;
  const std::filesystem::path folder = other.repository.cache_folder() / "files";
  std::filesystem::create_directories(folder);
  std::filesystem::copy(file(), folder / file().filename());
  EXPECT_FALSE(FilesCache::open(other.repository, name_));
}

TEST_F(FilesCacheTest, Never_misleads_when_any_byte_of_the_file_is_altered) {
  write(8);
  const Bytes good = *read_local_file(file());
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= 0x10;
    ASSERT_TRUE(replace_local_file(file(), bad));
    std::optional<FilesCache> cache = read();
    for (int i = 0; cache && i < 8; ++i) {
      const CachedEntry* entry = cache->find(key(i));
      ASSERT_TRUE(entry == nullptr || is_right(entry, i)) << at;
    }
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    ASSERT_TRUE(replace_local_file(file(), ByteView(good).first(size)));
    ASSERT_FALSE(read()) << size;
  }
}

TEST_F(FilesCacheTest, Shows_no_path) {
  write(100);
  const Bytes content = *read_local_file(file());
  const std::string wanted = "folder";
  EXPECT_EQ(std::search(content.begin(), content.end(), wanted.begin(), wanted.end()), content.end());
  EXPECT_EQ(std::filesystem::status(file()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace
}  // namespace igudar
