#include "fs/file_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/descriptor_io.h"
#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {

// Above it the kernel is told to read further ahead.
constexpr std::uint64_t kLargeFile = 4 << 20;

}  // namespace

FileReader::FileReader(const SourceName& source, const FileStat& expected, Freshness freshness)
    : fd_(source.open(O_RDONLY | O_NONBLOCK | O_NOCTTY)), opened_(expected), source_(source) {
  if (freshness == Freshness::trust_expected) return;
  const std::optional<FileStat> now = read_stat(fd_.get(), "");
  if (!now) throw_errno(errno, trf("cannot read {}", source.path()));
  if (!now->is_file() || !now->same_inode(expected))
    throw Error(ErrorCode::conflict, trf("another file took the place of {} during the backup", source.path()));
  opened_ = *now;
  if (opened_.size >= kLargeFile) ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
}

std::size_t FileReader::read(std::uint64_t offset, MutableByteView into) const {
  std::size_t done = 0;
  if (const int error = read_fully_at(fd_.get(), offset, into, done); error != 0)
    throw_errno(error, trf("cannot read {}", source_.path()));
  return done;
}

std::vector<FileRange> FileReader::ranges() const {
  const std::uint64_t size = opened_.size;
  if (size == 0) return {};
  if (opened_.allocated >= size) return {{0, size, false}};
  std::vector<FileRange> found;
  for (std::uint64_t at = 0; at < size;) {
    const off_t data = ::lseek(fd_.get(), static_cast<off_t>(at), SEEK_DATA);
    if (data < 0 && errno != ENXIO) {  // the file system does not tell
      found.push_back({at, size - at, false});
      break;
    }
    const std::uint64_t data_at = data < 0 ? size : std::min(static_cast<std::uint64_t>(data), size);
    if (data_at > at) found.push_back({at, data_at - at, true});
    if (data_at == size) break;
    const off_t hole = ::lseek(fd_.get(), static_cast<off_t>(data_at), SEEK_HOLE);
    const std::uint64_t end = hole < 0 ? size : std::min(static_cast<std::uint64_t>(hole), size);
    if (end <= data_at) {  // truncated meanwhile
      found.push_back({data_at, size - data_at, false});
      break;
    }
    found.push_back({data_at, end - data_at, false});
    at = end;
  }
  return found;
}

bool FileReader::changed_since_open() const {
  const std::optional<FileStat> now = read_stat(fd_.get(), "");
  return !now || !now->same_inode(opened_) || now->size != opened_.size || now->mtime != opened_.mtime ||
         now->ctime != opened_.ctime;
}

}  // namespace igudar
