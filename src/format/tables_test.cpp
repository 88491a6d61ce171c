#include <gmock/gmock.h>

#include "format/entry_codec.h"
#include "format/format_testing.h"
#include "format/refset.h"
#include "format/table_page.h"

namespace igudar {

namespace {

using testing::counted_id;
using ::testing::ElementsAre;
using testing::hex;
using testing::refuses;

constexpr const char* kId1 = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";

Entry plain_file() {
  Entry entry;
  entry.path = "a/b";
  entry.meta.mode = 0644;
  entry.meta.uid = 1000;
  entry.meta.gid = 100;
  entry.meta.user = "u";
  entry.meta.mtime = 3 * kNsPerSecond + 5;
  entry.meta.ctime = -1;
  entry.meta.inode = 7;
  entry.meta.size = 300;
  entry.content.extents = {{100, counted_id<32>(1)}, {200, std::nullopt}};
  return entry;
}

Entry rich_file() {
  Entry entry = plain_file();
  entry.meta.atime = 12;
  entry.meta.links = 2;
  entry.meta.device = 99;
  entry.meta.flags = 16;
  entry.meta.xattrs = {{"system.posix_acl_access", {0, 1, 2}}, {"user.x", {}}};
  entry.digests = {{DigestAlgorithm::md5, Bytes(16, 3)}};
  return entry;
}

Bytes value_of(const Entry& entry) {
  Bytes value;
  encode_entry_value(entry, value);
  return value;
}

bool refuses_entry(const Bytes& value) {
  return refuses(
      [](ByteView v) {
        Entry entry;
        decode_entry_value(v, entry);
      },
      value);
}

}  // namespace

TEST(EntryCodec, writes_a_file_as_the_format_has_it) {
  // type · present 64 · mode · uid · gid · "u" · "" · mtime 3 s 5 ns · ctime −1 s 999999999 ns · inode · size · level ·
  // 2 extents
  const Bytes wanted =
      hex(std::string("01 40 a403 e807 64 0175 00 06 05 01 ff93ebdc03 07 ac02 00 02 c801") + kId1 + "9103");
  EXPECT_EQ(to_hex(value_of(plain_file())), to_hex(wanted));
}

TEST(EntryCodec, round_trips_every_type_and_attribute) {
  Entry link;
  link.path = "link";
  link.meta.type = EntryType::symlink;
  link.meta.mode = 0777;
  link.meta.link_target = "\xff/target";
  Entry device;
  device.path = "dev";
  device.meta.type = EntryType::block_device;
  device.meta.rdev_major = 8;
  device.meta.rdev_minor = 300;
  Entry folder;
  folder.path = "";
  folder.meta.type = EntryType::directory;
  folder.meta.mode = 07755;
  for (const Entry& entry : {plain_file(), rich_file(), link, device, folder})
    EXPECT_EQ(decode_entry(key_of_path(entry.path), value_of(entry)), entry) << entry.path;
}

TEST(EntryCodec, reuses_an_entry_without_leaving_anything_of_the_last_one) {
  Entry entry = rich_file();
  decode_entry_value(value_of(plain_file()), entry);
  EXPECT_EQ(entry, plain_file());
}

TEST(EntryCodec, refuses_values_that_contradict_themselves) {
  const Bytes value = value_of(plain_file());
  for (std::size_t size = 0; size < value.size(); ++size)
    EXPECT_TRUE(refuses_entry(Bytes(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(size))));
  Bytes altered = value;
  altered[0] = 2;  // a folder with content
  EXPECT_TRUE(refuses_entry(altered));
  altered[0] = 8;  // no such type
  EXPECT_TRUE(refuses_entry(altered));
  Entry wrong = plain_file();
  wrong.meta.size = 301;  // extents do not add up
  EXPECT_TRUE(refuses_entry(value_of(wrong)));
  wrong = plain_file();
  wrong.content.level = 1;  // a hole above level 0
  EXPECT_TRUE(refuses_entry(value_of(wrong)));
  wrong = rich_file();
  std::swap(wrong.meta.xattrs[0], wrong.meta.xattrs[1]);
  EXPECT_TRUE(refuses_entry(value_of(wrong)));
}

TEST(EntryCodec, refuses_names_that_lead_elsewhere) {
  using namespace std::string_literals;
  EXPECT_EQ(path_of_key("a\0b"s), "a/b");
  EXPECT_EQ(path_of_key(""), "");
  for (const std::string& key : {"\0a"s, "a\0"s, "a\0\0b"s, ".."s, "a\0..\0b"s, "."s, "a/b"s, "/"s})
    EXPECT_TRUE(refuses([](ByteView k) { (void)path_of_key(text_of(k)); }, view_of(key))) << to_hex(view_of(key));
}

TEST(EntryCodec, orders_keys_as_paths_are_ordered) {
  const std::vector<std::string> sorted = {"", "a", "a/b", "a/b/c", "a/c", "a.b", "ab", "b"};
  for (std::size_t i = 1; i < sorted.size(); ++i) EXPECT_LT(key_of_path(sorted[i - 1]), key_of_path(sorted[i]));
}

TEST(ExtentList, is_read_as_written) {
  const std::vector<Extent> extents = {{100, counted_id<32>(1)}, {200, std::nullopt}};
  const Bytes list = encode_extent_list(extents);
  EXPECT_EQ(list, hex(std::string("02 c801") + kId1 + "9103"));
  EXPECT_EQ(decode_extent_list(list), extents);
  EXPECT_THROW((void)decode_extent_list(hex("01 01")), Error);  // a hole of no size
}

TEST(ExtentList, ends_where_the_format_says) {
  Extent last{1, counted_id<32>(0)};
  last.chunk->bytes[1] = 2;
  EXPECT_FALSE(ends_extent_list(last, 127));
  EXPECT_TRUE(ends_extent_list(last, 128));
  last.chunk->bytes[1] = 1;
  EXPECT_FALSE(ends_extent_list(last, 128));
  EXPECT_FALSE(ends_extent_list({1, std::nullopt}, 2047));
  EXPECT_TRUE(ends_extent_list({1, std::nullopt}, 2048));
}

TEST(TablePage, writes_a_leaf_as_the_format_has_it) {
  PageEncoder encoder(0);
  encoder.add_entry("", view_of("1"));
  encoder.add_entry("abc", view_of(""));
  encoder.add_entry("abd", view_of("23"));
  const Bytes page = encoder.finish();
  EXPECT_EQ(page, hex("00 03  00 00 0131  00 03616263 00  02 0164 023233"));
  const TablePage read = decode_page(page, 0);
  ASSERT_EQ(read.entries.size(), 3U);
  EXPECT_EQ(read.entries[2].key, "abd");
  EXPECT_EQ(text_of(read.entries[2].value), "23");
  EXPECT_EQ(encoder.count(), 0U);
  EXPECT_EQ(encoder.finish(), hex("00 00"));  // an empty table
}

TEST(TablePage, writes_an_inner_page_as_the_format_has_it) {
  PageEncoder encoder(1);
  encoder.add_child({"k", counted_id<32>(1), {1, 2, 300, -1}});
  const Bytes page = encoder.finish();
  EXPECT_EQ(page, hex(std::string("01 01  00 016b") + kId1 + "01 02 ac02 01"));
  const TablePage read = decode_page(page, 1);
  ASSERT_EQ(read.children.size(), 1U);
  EXPECT_EQ(read.children[0].sums, (PageSums{1, 2, 300, -1}));
}

TEST(TablePage, refuses_what_is_not_canonical) {
  const auto leaf = [](ByteView p) { (void)decode_page(p, 0); };
  for (const char* bad :
       {"", "00", "01 00", "00 01", "00 01 01 0161 00", "00 02 00 0161 00 00 0161 00", "00 02 00 0162 00 00 0161 00",
        "00 02 00 016100 01 00 00", "00 02 00 0261 62 00 00 0261 63 00", "00 01 00 0161 00 ff"})
    EXPECT_TRUE(refuses(leaf, hex(bad))) << bad;
  EXPECT_TRUE(refuses([](ByteView p) { (void)decode_page(p, 1); }, hex("01 00")));
  EXPECT_TRUE(
      refuses([](ByteView p) { (void)decode_page(p, 2); }, hex(std::string("01 01 00 016b") + kId1 + "01 02 ac02 01")));
}

TEST(PageCutter, keeps_pages_within_their_bounds) {
  const PageCutter cutter(counted_id<32>(1).view());
  int leaves = 0;
  int inner = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = "folder/file" + std::to_string(i);
    EXPECT_FALSE(cutter.ends_leaf(key, 100, 32'767));
    EXPECT_TRUE(cutter.ends_leaf(key, 100, 131'072));
    EXPECT_FALSE(cutter.ends_inner(1, key, 63));
    EXPECT_TRUE(cutter.ends_inner(1, key, 512));
    leaves += cutter.ends_leaf(key, 100, 50'000);
    inner += cutter.ends_inner(1, key, 100);
  }
  // 131,072 × 100 / 2³² of the entries, and one child in 128, give or take four standard deviations.
  EXPECT_NEAR(leaves, 30.5, 22);
  EXPECT_NEAR(inner, 78, 35);
}

TEST(PageCutter, cuts_where_it_always_did) {
  const PageCutter cutter(counted_id<32>(1).view());
  std::vector<int> cuts;
  for (int i = 0; i < 400; ++i)
    if (cutter.ends_inner(1, "key" + std::to_string(i), 100)) cuts.push_back(i);
  EXPECT_THAT(cuts, ElementsAre(180, 246, 335, 370));
}

// Computed with Python's hmac.
TEST(PageCutter, cuts_by_hmac_where_fips_140_is_kept_to) {
  const PageCutter cutter(counted_id<32>(1).view(), CutHash::hmac);
  std::vector<int> cuts;
  for (int i = 0; i < 400; ++i)
    if (cutter.ends_inner(1, "key" + std::to_string(i), 100)) cuts.push_back(i);
  EXPECT_THAT(cuts, ElementsAre(187, 370));
}

TEST(RefKey, orders_by_session_stream_and_block) {
  const RefKey key{counted_id<16>(1), 0x01020304, 0x05060708};
  EXPECT_EQ(to_hex(view_of(encode_ref_key(key))),
            "0102030405060708090a0b0c0d0e0f10"
            "0102030405060708");
  EXPECT_EQ(decode_ref_key(encode_ref_key(key)), key);
  EXPECT_THROW((void)decode_ref_key("short"), Error);
}

TEST(RefBits, are_written_as_runs_or_as_a_bitmap_whichever_is_shorter) {
  RefBits runs;
  runs.set_range(5, 1000);
  runs.set_range(2000, 1);
  EXPECT_EQ(runs.encode(), hex("00 05 e707 e307 00"));
  EXPECT_EQ(RefBits::decode(runs.encode()), runs);
  EXPECT_EQ(runs.count(), 1001U);

  RefBits scattered;
  for (std::uint32_t i = 0; i < 64; i += 2) scattered.set(i);
  EXPECT_EQ(scattered.encode(), hex("01 5555555555555555"));
  EXPECT_EQ(RefBits::decode(scattered.encode()), scattered);

  RefBits all;
  all.set_range(0, kRefBlock);
  EXPECT_EQ(RefBits::decode(all.encode()), all);
  EXPECT_TRUE(all.any(kRefBlock - 1, 1));
}

TEST(RefBits, refuse_what_goes_beyond_a_block) {
  const auto decode = [](ByteView v) { (void)RefBits::decode(v); };
  EXPECT_NO_THROW(decode(hex("00 00 ffff03")));
  for (const char* bad : {"", "00", "02 00", "01", "01 00", "00 01 ffff03", "00 00 808004", "00 00"})
    EXPECT_TRUE(refuses(decode, hex(bad))) << bad;
  Bytes long_bitmap(1 + kRefBlock / 8 + 1, 1);
  EXPECT_TRUE(refuses(decode, long_bitmap));
}

TEST(RefSet, holds_ranges_across_blocks) {
  RefSet set;
  const SessionId session = counted_id<16>(1);
  set.add_range(session, 2, kRefBlock - 3, 6);
  set.add(session, 3, 0);
  EXPECT_EQ(set.count(), 7U);
  EXPECT_EQ(set.blocks().size(), 3U);
  EXPECT_TRUE(set.contains(session, 2, kRefBlock + 2));
  EXPECT_FALSE(set.contains(session, 2, kRefBlock + 3));
  EXPECT_TRUE(set.contains_any(session, 2, 0, kRefBlock));
  EXPECT_FALSE(set.contains_any(session, 2, 0, kRefBlock - 3));
  EXPECT_FALSE(set.contains(counted_id<16>(2), 2, kRefBlock));
}

}  // namespace igudar
