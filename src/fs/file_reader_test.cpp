#include "fs/file_reader.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "testing/scratch_dir.h"

namespace igudar {
namespace {

namespace stdfs = std::filesystem;
using ::testing::ElementsAre;

class FileReaderTest : public ::testing::Test {
 protected:
  SourceName name(const std::string& file) { return {directory_, file}; }
  FileStat stat(const std::string& file) { return *read_stat(AT_FDCWD, (dir_ / file).c_str()); }
  void put(const std::string& file, std::string_view content) { std::ofstream(dir_ / file) << content; }

  testing::ScratchDir dir_;
  std::shared_ptr<SourceDirectory> directory_ =
      std::make_shared<SourceDirectory>(nullptr, dir_.path(), std::make_shared<OpenDirectories>());
};

TEST_F(FileReaderTest, Reads_up_to_the_end_of_the_file) {
  put("f", "0123456789");
  const FileReader reader(name("f"), stat("f"));
  Bytes buffer(8);
  EXPECT_EQ(reader.read(0, buffer), 8U);
  EXPECT_EQ(text_of(buffer), "01234567");
  EXPECT_EQ(reader.read(8, buffer), 2U);
  EXPECT_EQ(text_of(buffer).substr(0, 2), "89");
  EXPECT_EQ(reader.read(10, buffer), 0U);
  EXPECT_THAT(reader.ranges(), ElementsAre(FileRange{0, 10, false}));
}

TEST_F(FileReaderTest, An_empty_file_has_no_ranges) {
  put("f", "");
  EXPECT_TRUE(FileReader(name("f"), stat("f")).ranges().empty());
}

TEST_F(FileReaderTest, Holes_are_found_and_cover_the_file_together_with_the_data) {
  const UniqueFd fd(::open((dir_ / "f").c_str(), O_CREAT | O_RDWR, 0600));
  const std::string block(65536, 'x');
  ASSERT_EQ(::pwrite(fd.get(), block.data(), block.size(), 1 << 20), 65536);
  ASSERT_EQ(::ftruncate(fd.get(), 4 << 20), 0);
  if (::lseek(fd.get(), 0, SEEK_DATA) == 0) GTEST_SKIP() << "the file system here keeps no holes";
  EXPECT_THAT(FileReader(name("f"), stat("f")).ranges(),
              ElementsAre(FileRange{0, 1 << 20, true}, FileRange{1 << 20, 65536, false},
                          FileRange{(1 << 20) + 65536, (3 << 20) - 65536, true}));
}

TEST_F(FileReaderTest, A_change_while_reading_is_noticed) {
  put("f", "before");
  const FileReader reader(name("f"), stat("f"));
  EXPECT_FALSE(reader.changed_since_open());
  std::ofstream(dir_ / "f", std::ios::app) << "more";
  EXPECT_TRUE(reader.changed_since_open());
}

TEST_F(FileReaderTest, What_took_the_place_of_the_file_is_refused) {
  put("f", "secret");
  put("other", "x");
  const FileStat expected = stat("f");
  stdfs::rename(dir_ / "f", dir_ / "moved");
  stdfs::create_symlink("moved", dir_ / "f");
  EXPECT_THROW(FileReader(name("f"), expected), Error);
  stdfs::remove(dir_ / "f");
  ASSERT_EQ(::mkfifo((dir_ / "f").c_str(), 0600), 0);
  EXPECT_THROW(FileReader(name("f"), expected), Error);  // and does not wait for a writer
  stdfs::rename(dir_ / "other", dir_ / "f");
  EXPECT_THROW(FileReader(name("f"), expected), Error);
  stdfs::remove(dir_ / "f");
  EXPECT_THROW(FileReader(name("f"), expected), Error);
}

}  // namespace
}  // namespace igudar
