#include <gmock/gmock.h>

#include <functional>

#include "format/entry_codec.h"
#include "format/table_page.h"
#include "ops/check/check.h"
#include "repo/blob_index.h"
#include "repo/snapshot_catalogue.h"
#include "repo/write_session.h"
#include "testing/repository_fixture.h"

namespace igudar {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Snapshots that are whole and signed, but whose pages say what is not so: a faulty or hostile writer made them.
class TreeCheckTest : public ::testing::Test, public testing::SourceFixture {
 protected:
  using Change = std::function<void(TablePage&)>;
  using EntryChange = std::function<void(Entry&)>;

  // Stores the newest snapshot once more, with another page at the top of its tree.
  void commit_with_top(const Change& change) {
    const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::store, {});
    Snapshot snapshot = catalogue.latest([](const CataloguedSnapshot&) { return true; })->snapshot;
    const std::unique_ptr<BlobIndex> index = BlobIndex::load(repository, {}, {}, {});
    ChunkReader chunks(repository, *index);
    TablePage page = decode_page(chunks.read(ChunkType::page, snapshot.tree.page, {}), snapshot.tree.level);
    change(page);
    PageEncoder encoder(page.level);
    for (const LeafEntry& entry : page.entries) encoder.add_entry(entry.key, entry.value);
    for (const ChildPage& child : page.children) encoder.add_child(child);
    snapshot.tree.page = store(*index, encoder.finish());
    put_snapshot(repository, snapshot, repository.keys().session_secret(snapshot.session), {});
  }
  // The same with another entry for a file of a tree that is one page.
  void commit_with_entry(const std::string& name, const EntryChange& change) {
    commit_with_top([&](TablePage& page) {
      for (LeafEntry& leaf : page.entries) {
        if (path_of_key(leaf.key) != name) continue;
        Entry entry = decode_entry(leaf.key, leaf.value);
        change(entry);
        leaf.value.clear();
        encode_entry_value(entry, leaf.value);
      }
    });
  }
  void write_many_files() const {
    const std::string padding(150, 'x');
    for (int i = 1000; i < 2600; ++i) write(std::to_string(i) + padding, "content");
  }
  std::string damage() {
    CheckSummary summary = check(repository, {}, silent_, {});
    std::string text;
    for (const Finding& finding : summary.damage) text += finding.object + ": " + finding.text + "\n";
    return text;
  }

 private:
  ChunkId store(BlobIndex& index, const Bytes& page) {
    WriteSession session(repository, index, repository.keys().new_session(), {});
    const std::unique_ptr<WriteSession::ChunkStream> stream = session.open_stream(ChunkType::page);
    std::vector<OrdinalRange> places;
    const ChunkId id = stream->add(page, places);
    stream->flush();
    session.finish({});
    return id;
  }

  RunMonitor silent_;
};

TEST_F(TreeCheckTest, Pages_out_of_order_are_damage) {
  write_many_files();
  back_up_source();
  commit_with_top([](TablePage& page) {
    ASSERT_GT(page.children.size(), 2U);
    std::swap(page.children[0].page, page.children[1].page);
    std::swap(page.children[0].sums, page.children[1].sums);
  });
  EXPECT_THAT(damage(), HasSubstr("the keys of its pages are not in order"));
}

TEST_F(TreeCheckTest, Sums_that_are_not_those_of_the_pages_below_are_damage) {
  write_many_files();
  back_up_source();
  commit_with_top([](TablePage& page) {
    ASSERT_FALSE(page.children.empty());
    ++page.children.back().sums.files;
  });
  EXPECT_THAT(damage(), HasSubstr("its sums are not those of the pages below"));
}

TEST_F(TreeCheckTest, A_chunk_of_another_size_than_the_entry_says_is_damage) {
  write("file", "twelve bytes");
  back_up_source();
  commit_with_entry("file", [](Entry& entry) { entry.meta.size = ++entry.content.extents.front().size; });
  EXPECT_THAT(damage(), HasSubstr("/file: chunk "));
  EXPECT_THAT(damage(), HasSubstr("does not have the size that the entry says"));
}

TEST_F(TreeCheckTest, A_chunk_that_nobody_stored_is_told_with_its_file) {
  write("file", "content");
  back_up_source();
  commit_with_entry("file", [](Entry& entry) { ++entry.content.extents.front().chunk->bytes[0]; });
  EXPECT_THAT(damage(), HasSubstr("/file cannot be restored whole: no pack in the index has chunk "));
}

TEST_F(TreeCheckTest, A_file_whose_list_of_extents_is_none_is_told) {
  write("file", "content");
  back_up_source();
  commit_with_entry("file", [](Entry& entry) { entry.content.level = 1; });
  EXPECT_THAT(damage(), HasSubstr("/file cannot be restored whole: chunk "));
  EXPECT_THAT(damage(), HasSubstr("is of another type than it is used for"));
  EXPECT_THAT(damage(), Not(HasSubstr("packs/"))) << "the chunk itself is sound, and other snapshots need it";
}

TEST_F(TreeCheckTest, Pages_stored_anew_as_they_were_are_no_damage) {
  write_many_files();
  back_up_source();
  commit_with_top([](TablePage&) {});
  EXPECT_THAT(damage(), IsEmpty());
}

}  // namespace
}  // namespace igudar
