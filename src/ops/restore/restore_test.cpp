#include "ops/restore/restore.h"

#include <gmock/gmock.h>

#include "ops/prune/prune_testing.h"

namespace igudar {
namespace {

class RestoreTest : public ::testing::Test, public testing::PruneFixture {
 protected:
  std::filesystem::path target() const { return scratch / "target"; }
  RestoreSummary restore_latest(RestoreOptions options = {}) {
    options.snapshot = "latest";
    options.target = target().string();
    RunMonitor silent;
    return restore(repository, options, silent, {});
  }
  ObjectName largest_metadata_pack() const {
    ObjectInfo largest;
    for (const ObjectInfo& object : memory->list(ObjectKind::pack, {})) {
      const Bytes pack = get(object.name);
      if (decode_footer(ByteView(pack).last(kFooterSize), pack.size()).type == PackType::metadata && object.size > largest.size)
        largest = object;
    }
    return largest.name;
  }
  static std::string content_of(const std::filesystem::path& file) {
    std::ifstream input(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(input), {}};
  }
};

// The second snapshot has new pages for what changed and shares the others with the first: those are lost.
TEST_F(RestoreTest, Entries_behind_a_lost_page_are_restored_and_nothing_is_deleted_for_its_sake) {
  const std::string padding(150, 'x');
  constexpr int kFiles = 1600;
  const auto name = [&](int i) { return "folder/" + std::to_string(10000 + i) + padding; };
  for (int i = 0; i < kFiles; ++i) write(name(i), "first " + std::to_string(i));
  let_source_age();
  back_up_source();
  for (int i = kFiles / 2; i < kFiles / 2 + 10; ++i) write(name(i), "second " + std::to_string(i));
  back_up_source();
  memory->remove(largest_metadata_pack(), {});

  std::filesystem::create_directories(target() / "folder");
  std::ofstream(target() / name(1)) << "mine";
  std::ofstream(target() / "folder/extra") << "mine";
  RestoreOptions options;
  options.delete_extra = true;
  const RestoreSummary summary = restore_latest(options);

  EXPECT_GT(summary.problems, 0U);
  EXPECT_LT(summary.files, kFiles);
  for (int i = kFiles / 2; i < kFiles / 2 + 10; ++i)
    EXPECT_EQ(content_of(target() / name(i)), "second " + std::to_string(i));
  EXPECT_EQ(content_of(target() / name(1)), "mine");
  EXPECT_EQ(summary.deleted, 0U);
}

}  // namespace
}  // namespace igudar
