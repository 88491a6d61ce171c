#include "keys/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/descriptor_io.h"
#include "base/error.h"
#include "base/translate.h"
#include "base/unique_fd.h"

namespace igudar {

namespace {

constexpr off_t kLargestFile = 256 << 10;

UniqueFd open_key_file(const std::string& path, struct stat& status) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid() || ::fstat(file.get(), &status) != 0) throw_errno(errno, trf("cannot open the key file {}", path));
  if (!S_ISREG(status.st_mode) || status.st_size > kLargestFile)
    throw Error(ErrorCode::usage, trf("{} is not a key file", path),
                tr("It must be a regular file of at most 256 KiB."));
  return file;
}

void fill(const UniqueFd& file, const std::string& path, MutableByteView room) {
  std::size_t done = 0;
  const int error = read_fully_at(file.get(), 0, room, done);
  if (error != 0) throw_errno(error, trf("cannot read the key file {}", path));
  if (done < room.size()) throw Error(ErrorCode::io, trf("the key file {} changed while it was read", path));
}

SecretBytes secret_content(const UniqueFd& file, const std::string& path, off_t size) {
  SecretBytes content(static_cast<std::size_t>(size));
  fill(file, path, content.span());
  return content;
}

int sync_parent(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const UniqueFd folder(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.valid() && ::fsync(folder.get()) != 0 && errno != EINVAL ? errno : 0;
}

}  // namespace

SecretBytes read_secret_file(const std::string& path) {
  struct stat status {};
  const UniqueFd file = open_key_file(path, status);
  if ((status.st_mode & (S_IRGRP | S_IROTH)) != 0)
    throw Error(ErrorCode::permission, trf("others on this machine can read the key file {}", path),
                trf("Make it yours alone: chmod 600 {}", path));
  return secret_content(file, path, status.st_size);
}

SecretBytes read_service_file(const std::string& path) {
  struct stat status {};
  const UniqueFd file = open_key_file(path, status);
  return secret_content(file, path, status.st_size);
}

Bytes read_public_file(const std::string& path) {
  struct stat status {};
  const UniqueFd file = open_key_file(path, status);
  Bytes content(static_cast<std::size_t>(status.st_size));
  fill(file, path, content);
  return content;
}

void write_secret_file(const std::string& path, ByteView content) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) throw_errno(errno, trf("cannot make the key file {}", path));
  int error = ::fchmod(file.get(), 0600) != 0 ? errno : 0;  // whatever the umask
  if (error == 0) error = write_fully(file.get(), content);
  if (error == 0 && ::fsync(file.get()) != 0) error = errno;
  if (error == 0) error = sync_parent(path);
  if (error == 0) return;
  ::unlink(path.c_str());
  throw_errno(error, trf("cannot write the key file {}", path));
}

}  // namespace igudar
