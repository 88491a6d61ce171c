#include "repo/local_audit_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/descriptor_io.h"
#include "base/error.h"
#include "base/translate.h"
#include "format/byte_reader.h"
#include "format/byte_writer.h"
#include "repo/local_file.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLengthSize = 4;
constexpr std::uint64_t kFrameSize = kLengthSize + kLengthSize + 1;
constexpr std::uint64_t kLargestEntry = 16U << 20;

std::uint32_t length_at(ByteView bytes) {
  return ByteReader(bytes, "audit log of this machine").u32();
}

// The entries from the start on, as far as they are whole.
std::vector<LocalAuditFile::Entry> parse(ByteView content) {
  std::vector<LocalAuditFile::Entry> entries;
  std::uint64_t at = 0;
  while (content.size() - at > kFrameSize) {
    const std::uint64_t size = length_at(content.subspan(at, kLengthSize));
    if (size == 0 || size > kLargestEntry || content.size() - at < kFrameSize + size) break;
    const ByteView after = content.subspan(at + kLengthSize + size);
    if (length_at(after.first(kLengthSize)) != size) break;
    const std::uint64_t end = at + kFrameSize + size;
    entries.push_back({copy_of(content.subspan(at + kLengthSize, size)), after[kLengthSize] != 0, end});
    at = end;
  }
  return entries;
}

}  // namespace

LocalAuditFile LocalAuditFile::open(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) throw_errno(errno, trf("cannot write {}", path.string()));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw_errno(errno, trf("cannot read {}", path.string()));
  LocalAuditFile file(std::move(fd), path);
  file.size_ = static_cast<std::uint64_t>(info.st_size);
  if (file.size_ > 0 && !file.last()) file.cut_torn_end();
  return file;
}

std::vector<LocalAuditFile::Entry> LocalAuditFile::read(const std::filesystem::path& path) {
  const std::optional<Bytes> content = read_local_file(path);
  return content ? parse(*content) : std::vector<Entry>();
}

void LocalAuditFile::cut_torn_end() {
  const std::vector<Entry> whole = read(path_);
  size_ = whole.empty() ? 0 : whole.back().end;
  if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0)
    throw_errno(errno, trf("cannot write {}", path_.string()));
}

std::optional<LocalAuditFile::Entry> LocalAuditFile::before(std::uint64_t end) const {
  if (end <= kFrameSize) return std::nullopt;
  Bytes tail(kLengthSize + 1);
  std::size_t done = 0;
  if (read_fully_at(file_.get(), end - tail.size(), tail, done) != 0 || done < tail.size()) return std::nullopt;
  const std::uint64_t size = length_at(ByteView(tail).first(kLengthSize));
  if (size == 0 || size > kLargestEntry || end < kFrameSize + size) return std::nullopt;
  Bytes framed(kLengthSize + size);
  if (read_fully_at(file_.get(), end - kFrameSize - size, framed, done) != 0 || done < framed.size())
    return std::nullopt;
  if (length_at(ByteView(framed).first(kLengthSize)) != size) return std::nullopt;
  return Entry{copy_of(ByteView(framed).subspan(kLengthSize)), tail[kLengthSize] != 0, end};
}

std::optional<LocalAuditFile::Entry> LocalAuditFile::last() const {
  return before(size_);
}

std::vector<LocalAuditFile::Entry> LocalAuditFile::unstored() const {
  std::vector<Entry> entries;
  for (std::optional<Entry> entry = last(); entry && !entry->stored;) {
    const std::uint64_t start = entry->end - kFrameSize - entry->object.size();
    entries.push_back(std::move(*entry));
    entry = before(start);
  }
  std::reverse(entries.begin(), entries.end());
  return entries;
}

LocalAuditFile::Entry LocalAuditFile::append(ByteView object) {
  Bytes framed;
  ByteWriter writer(framed);
  writer.u32(static_cast<std::uint32_t>(object.size()));
  writer.raw(object);
  writer.u32(static_cast<std::uint32_t>(object.size()));
  writer.u8(0);
  int error = write_fully_at(file_.get(), size_, framed);
  if (error == 0 && ::fdatasync(file_.get()) != 0) error = errno;
  if (error != 0) {
    // Where that fails as well, the torn end is cut off when the file is opened next.
    [[maybe_unused]] const int ignored = ::ftruncate(file_.get(), static_cast<off_t>(size_));
    throw_errno(error, trf("cannot write {}", path_.string()));
  }
  size_ += framed.size();
  return {copy_of(object), false, size_};
}

void LocalAuditFile::mark_stored(const Entry& entry) {
  constexpr std::uint8_t kStored = 1;
  (void)write_fully_at(file_.get(), entry.end - 1, ByteView(&kStored, 1));
}

}  // namespace igudar
