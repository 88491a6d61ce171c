#include "format/table_page.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/kdf.h"
#include "crypto/keyed_hash.h"
#include "format/byte_reader.h"
#include "format/byte_writer.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "page";
constexpr std::size_t kLeastLeaf = 32 * 1024;
constexpr std::size_t kMostLeaf = 128 * 1024;
constexpr std::size_t kLeastChildren = 64;
constexpr std::size_t kMostChildren = 512;
constexpr std::uint64_t kChildrenMask = 127;
constexpr std::size_t kLongestKey = 64 * 1024;

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(most), b.begin()).first - a.begin());
}

// Replaces `key` by the next one of the page. Throws unless it is greater (or the first).
void read_key(ByteReader& reader, bool first, std::string& key) {
  const auto shared = static_cast<std::size_t>(reader.varint_up_to(first ? 0 : key.size()));
  const std::string_view rest = text_of(reader.bytes());
  const bool ascending =
      first || (!rest.empty() && (shared == key.size() ||
                                  static_cast<unsigned char>(rest[0]) > static_cast<unsigned char>(key[shared])));
  if (!ascending || shared + rest.size() > kLongestKey) reader.fail();
  key.resize(shared);
  key += rest;
}

}  // namespace

void PageSums::add(const PageSums& other) {
  entries += other.entries;
  files += other.files;
  bytes += other.bytes;
  newest = std::max(newest, other.newest);
}

void PageEncoder::add_key(std::string_view key) {
  const std::size_t shared = count_ == 0 ? 0 : common_prefix(last_key_, key);
  if (count_ == 0) first_key_ = key;
  ByteWriter writer(body_);
  writer.varint(shared);
  writer.text(key.substr(shared));
  last_key_ = key;
  ++count_;
}

void PageEncoder::add_entry(std::string_view key, ByteView value) {
  add_key(key);
  ByteWriter(body_).bytes(value);
}

void PageEncoder::add_child(const ChildPage& child) {
  add_key(child.first_key);
  ByteWriter writer(body_);
  writer.raw(child.page.view());
  writer.varint(child.sums.entries);
  writer.varint(child.sums.files);
  writer.varint(child.sums.bytes);
  writer.zigzag(child.sums.newest);
}

Bytes PageEncoder::finish() {
  Bytes page;
  page.reserve(body_.size() + 8);
  ByteWriter writer(page);
  writer.u8(level_);
  writer.varint(count_);
  writer.raw(body_);
  count_ = 0;
  body_.clear();
  last_key_.clear();
  return page;
}

LeafReader::LeafReader(ByteView page) {
  ByteReader reader(page, kWhat);
  if (reader.u8() != 0) reader.fail();
  left_ = reader.count(3);
  rest_ = reader.rest();
}

bool LeafReader::next() {
  ByteReader reader(rest_, kWhat);
  if (left_ == 0) {
    reader.expect_done();
    return false;
  }
  read_key(reader, first_, key_);
  value_ = reader.bytes();
  rest_ = reader.rest();
  first_ = false;
  --left_;
  return true;
}

TablePage decode_page(ByteView page, std::uint8_t level) {
  TablePage result;
  result.level = level;
  if (level == 0) {
    LeafReader leaf(page);
    while (leaf.next()) result.entries.push_back({leaf.key(), copy_of(leaf.value())});
    return result;
  }
  ByteReader reader(page, kWhat);
  if (level > kHighestLevel || reader.u8() != level) reader.fail();
  const std::size_t count = reader.count(38);
  if (count == 0) reader.fail();
  std::string key;
  for (std::size_t i = 0; i < count; ++i) {
    read_key(reader, i == 0, key);
    ChildPage& child = result.children.emplace_back();
    child.first_key = key;
    child.page = reader.id<32>();
    child.sums.entries = reader.varint();
    child.sums.files = reader.varint();
    child.sums.bytes = reader.varint();
    child.sums.newest = reader.zigzag();
  }
  reader.expect_done();
  return result;
}

PageCutter::PageCutter(ByteView chunker_key, CutHash hash)
    : hash_(hash),
      key_(hkdf_sha256(chunker_key, {}, "igudar pages 1",
                       hash == CutHash::hmac ? Id32::kSize : crypto_shorthash_KEYBYTES)) {}

std::uint64_t PageCutter::hash(std::uint8_t level, std::string_view key) const {
  std::array<std::uint8_t, 512> small;
  Bytes large;
  std::uint8_t* message = small.data();
  if (key.size() + 1 > small.size()) {
    large.resize(key.size() + 1);
    message = large.data();
  }
  message[0] = level;
  std::copy(key.begin(), key.end(), message + 1);
  std::array<std::uint8_t, sizeof(std::uint64_t)> out;
  static_assert(sizeof out == crypto_shorthash_BYTES);
  if (hash_ == CutHash::siphash) {
    ::crypto_shorthash(out.data(), message, key.size() + 1, key_.view().data());
  } else {
    const Id32 mac = hmac_sha256(key_.view(), {message, key.size() + 1});
    std::copy_n(mac.bytes.begin(), out.size(), out.begin());
  }
  std::uint64_t value = 0;
  for (std::size_t i = out.size(); i-- > 0;) value = value << 8 | out[i];
  return value;
}

bool PageCutter::ends_leaf(std::string_view key, std::size_t entry_measure, std::size_t measure) const {
  if (measure >= kMostLeaf) return true;
  if (measure < kLeastLeaf) return false;
  const std::uint64_t bound = std::min<std::uint64_t>(0xffffffffU, std::uint64_t{131072} * entry_measure);
  return (hash(0, key) & 0xffffffffU) < bound;
}

bool PageCutter::ends_inner(std::uint8_t level, std::string_view first_key, std::size_t children) const {
  if (children >= kMostChildren) return true;
  return children >= kLeastChildren && (hash(level, first_key) & kChildrenMask) == 0;
}

}  // namespace igudar
