#include "format/entry_codec.h"

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "format/byte_reader.h"
#include "format/byte_writer.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "entry";
enum Present : std::uint64_t {
  kAtime = 1,
  kLinks = 2,
  kRdev = 4,
  kFlags = 8,
  kTarget = 16,
  kXattrs = 32,
  kContent = 64,
  kDigests = 128,
  kExtension = 256
};
constexpr std::uint64_t kAllPresent = 511;
constexpr std::uint8_t kHighestContentLevel = 4;
constexpr std::size_t kLeastListed = 128;
constexpr std::size_t kMostListed = 2048;

void write_time(ByteWriter& writer, TimeNs time) {
  TimeNs seconds = time / kNsPerSecond;
  TimeNs rest = time % kNsPerSecond;
  if (rest < 0) {
    --seconds;
    rest += kNsPerSecond;
  }
  writer.zigzag(seconds);
  writer.varint(static_cast<std::uint64_t>(rest));
}

TimeNs read_time(ByteReader& reader) {
  constexpr TimeNs kMostSeconds = 9'223'372'036;
  const TimeNs seconds = std::clamp<TimeNs>(reader.zigzag(), -kMostSeconds, kMostSeconds - 1);
  const auto rest = static_cast<TimeNs>(reader.varint_up_to(static_cast<std::uint64_t>(kNsPerSecond - 1)));
  return seconds * kNsPerSecond + rest;
}

void write_extents(ByteWriter& writer, const std::vector<Extent>& extents) {
  writer.varint(extents.size());
  for (const Extent& extent : extents) {
    writer.varint(extent.size << 1 | (extent.chunk ? 0 : 1));
    if (extent.chunk) writer.raw(extent.chunk->view());
  }
}

void read_extents(ByteReader& reader, std::vector<Extent>& extents) {
  extents.clear();
  const std::size_t count = reader.count(1);
  extents.reserve(std::min<std::size_t>(count, kMostListed));
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t head = reader.varint();
    if (head < 2) reader.fail();
    Extent& extent = extents.emplace_back(Extent{head >> 1, std::nullopt});
    if ((head & 1) == 0) extent.chunk = reader.id<32>();
  }
}

std::uint64_t presence_of(const Entry& entry) {
  const Metadata& meta = entry.meta;
  std::uint64_t present = 0;
  if (meta.atime) present |= kAtime;
  if (meta.links > 1) present |= kLinks;
  if (meta.type == EntryType::char_device || meta.type == EntryType::block_device) present |= kRdev;
  if (meta.flags != 0) present |= kFlags;
  if (meta.type == EntryType::symlink) present |= kTarget;
  if (!meta.xattrs.empty()) present |= kXattrs;
  if (meta.type == EntryType::file) present |= kContent;
  if (!entry.digests.empty()) present |= kDigests;
  return present;
}

void read_xattrs(ByteReader& reader, std::vector<Xattr>& xattrs) {
  const std::size_t count = reader.count(2);
  for (std::size_t i = 0; i < count; ++i) {
    Xattr& xattr = xattrs.emplace_back();
    xattr.name = reader.text();
    xattr.value = copy_of(reader.bytes());
    if (i > 0 && !(xattrs[i - 1].name < xattr.name)) reader.fail();
  }
}

void read_digests(ByteReader& reader, std::vector<FileDigest>& digests) {
  const std::size_t count = reader.count(2);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t algorithm = reader.u8();
    const ByteView value = reader.bytes();
    if (algorithm < 1 || algorithm > 3) continue;  // one that a newer program added
    digests.push_back({static_cast<DigestAlgorithm>(algorithm), copy_of(value)});
    if (value.size() != digest_size(digests.back().algorithm)) reader.fail();
  }
}

void read_content(ByteReader& reader, Entry& entry) {
  entry.meta.size = reader.varint();
  entry.content.level = reader.u8();
  if (entry.content.level > kHighestContentLevel) reader.fail();
  read_extents(reader, entry.content.extents);
  if (!covers(entry.content, entry.meta.size)) reader.fail();
}

bool valid_component(std::string_view component) {
  return !component.empty() && component != "." && component != ".." && component.find('/') == std::string_view::npos;
}

}  // namespace

std::string key_of_path(std::string_view path) {
  std::string key(path);
  std::replace(key.begin(), key.end(), '/', '\0');
  return key;
}

std::string path_of_key(std::string_view key) {
  if (key.empty()) return {};
  for (std::size_t at = 0; at <= key.size();) {
    const std::size_t end = std::min(key.find('\0', at), key.size());
    if (!valid_component(key.substr(at, end - at)))
      throw Error(ErrorCode::damaged,
                  tr("a name in a snapshot is not allowed: the snapshot was made by a hostile or broken program"));
    at = end + 1;
  }
  std::string path(key);
  std::replace(path.begin(), path.end(), '\0', '/');
  return path;
}

void encode_entry_value(const Entry& entry, Bytes& out) {
  const Metadata& meta = entry.meta;
  const std::uint64_t present = presence_of(entry);
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>(meta.type));
  writer.varint(present);
  writer.varint(meta.mode);
  writer.varint(meta.uid);
  writer.varint(meta.gid);
  writer.text(meta.user);
  writer.text(meta.group);
  write_time(writer, meta.mtime);
  write_time(writer, meta.ctime);
  writer.varint(meta.inode);
  if (present & kAtime) write_time(writer, *meta.atime);
  if (present & kLinks) {
    writer.varint(meta.links);
    writer.varint(meta.device);
  }
  if (present & kRdev) {
    writer.varint(meta.rdev_major);
    writer.varint(meta.rdev_minor);
  }
  if (present & kFlags) writer.varint(meta.flags);
  if (present & kTarget) writer.text(meta.link_target);
  if (present & kXattrs) {
    writer.varint(meta.xattrs.size());
    for (const Xattr& xattr : meta.xattrs) {
      writer.text(xattr.name);
      writer.bytes(xattr.value);
    }
  }
  if (present & kContent) {
    writer.varint(meta.size);
    writer.u8(entry.content.level);
    write_extents(writer, entry.content.extents);
  }
  if (present & kDigests) {
    writer.varint(entry.digests.size());
    for (const FileDigest& digest : entry.digests) {
      writer.u8(static_cast<std::uint8_t>(digest.algorithm));
      writer.bytes(digest.value);
    }
  }
}

void decode_entry_value(ByteView value, Entry& entry) {
  ByteReader reader(value, kWhat);
  Metadata& meta = entry.meta;
  const std::uint8_t type = reader.u8();
  if (type < 1 || type > 7) reader.fail();
  meta.type = static_cast<EntryType>(type);
  const std::uint64_t present = reader.varint_up_to(kAllPresent);
  meta.mode = static_cast<std::uint32_t>(reader.varint_up_to(07777));
  meta.uid = reader.varint32();
  meta.gid = reader.varint32();
  meta.user = text_of(reader.bytes());
  meta.group = text_of(reader.bytes());
  meta.mtime = read_time(reader);
  meta.ctime = read_time(reader);
  meta.inode = reader.varint();
  meta.atime.reset();
  if (present & kAtime) meta.atime = read_time(reader);
  meta.links = present & kLinks ? reader.varint() : 1;
  meta.device = present & kLinks ? reader.varint() : 0;
  meta.rdev_major = present & kRdev ? reader.varint32() : 0;
  meta.rdev_minor = present & kRdev ? reader.varint32() : 0;
  meta.flags = present & kFlags ? reader.varint32() : 0;
  meta.link_target.clear();
  if (present & kTarget) meta.link_target = text_of(reader.bytes());
  meta.xattrs.clear();
  if (present & kXattrs) read_xattrs(reader, meta.xattrs);
  meta.size = 0;
  entry.content = {};
  if (present & kContent) read_content(reader, entry);
  entry.digests.clear();
  if (present & kDigests) read_digests(reader, entry.digests);
  if (present & kExtension) (void)reader.bytes();
  reader.expect_done();
  const bool device = meta.type == EntryType::char_device || meta.type == EntryType::block_device;
  if (((present & kContent) != 0) != (meta.type == EntryType::file) ||
      ((present & kTarget) != 0) != (meta.type == EntryType::symlink) || ((present & kRdev) != 0) != device)
    reader.fail();
}

Entry decode_entry(std::string_view key, ByteView value) {
  Entry entry;
  entry.path = path_of_key(key);
  decode_entry_value(value, entry);
  return entry;
}

PageSums sums_of(const Entry& entry) {
  const bool file = entry.meta.type == EntryType::file;
  return {1, file ? 1U : 0U, file ? entry.meta.size : 0, entry.meta.ctime};
}

Bytes encode_extent_list(const std::vector<Extent>& extents) {
  Bytes out;
  ByteWriter writer(out);
  write_extents(writer, extents);
  return out;
}

std::vector<Extent> decode_extent_list(ByteView list) {
  ByteReader reader(list, "extent list");
  std::vector<Extent> extents;
  read_extents(reader, extents);
  reader.expect_done();
  return extents;
}

bool covers(const Content& content, std::uint64_t size) {
  std::uint64_t left = size;
  for (const Extent& extent : content.extents) {
    if (extent.size > left || (content.level > 0 && !extent.chunk)) return false;
    left -= extent.size;
  }
  return left == 0;
}

bool ends_extent_list(const Extent& last, std::size_t count) {
  if (count >= kMostListed) return true;
  return count >= kLeastListed && last.chunk && last.chunk->bytes[0] == 0 && (last.chunk->bytes[1] & 1) == 0;
}

}  // namespace igudar
