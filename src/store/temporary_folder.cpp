#include "store/temporary_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <map>
#include <string_view>
#include <vector>

#include "base/hex.h"
#include "base/host_name.h"
#include "store/posix_file.h"

namespace igudar {

namespace {

constexpr std::string_view kLockSuffix = ".lock";
constexpr std::time_t kStaleAfterSeconds = 24 * 60 * 60;

// FNV-1a, 32 bits: tells hosts apart without writing their names into the storage.
std::string host_tag() {
  std::uint32_t hash = 2166136261U;
  for (const char c : host_name()) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  const std::uint8_t bytes[] = {static_cast<std::uint8_t>(hash >> 24), static_cast<std::uint8_t>(hash >> 16),
                                static_cast<std::uint8_t>(hash >> 8), static_cast<std::uint8_t>(hash)};
  return to_hex(bytes);
}

bool is_old(int folder_fd, const std::string& name) {
  struct stat info {};
  return ::fstatat(folder_fd, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         ::time(nullptr) - info.st_mtim.tv_sec > kStaleAfterSeconds;
}

std::string session_of(const std::string& file_name) {
  return file_name.substr(0, file_name.find('.'));
}

}  // namespace

int TemporaryFile::publish(int target_folder, const std::string& target_name) {
  const int error = move_without_replacing(folder_->get(), name_, target_folder, target_name);
  if (error == 0) {
    name_.clear();
    fd_.reset();
  }
  return error;
}

void TemporaryFile::remove() {
  if (!name_.empty()) (void)::unlinkat(folder_->get(), name_.c_str(), 0);
  name_.clear();
  fd_.reset();
}

void TemporaryFile::swap(TemporaryFile& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(name_, other.name_);
  std::swap(fd_, other.fd_);
}

TemporaryFolder::TemporaryFolder(std::shared_ptr<const UniqueFd> folder) : folder_(std::move(folder)) {}

TemporaryFolder::~TemporaryFolder() {
  session_.with([&](Session& session) {
    if (!session.name.empty()) (void)::unlinkat(fd(), (session.name + std::string(kLockSuffix)).c_str(), 0);
  });
}

int TemporaryFolder::create_file(TemporaryFile& created) {
  std::string name;
  const int error = session_.with([&](Session& session) {
    if (session.name.empty())
      if (const int failure = start_session(session); failure != 0) return failure;
    name = session.name + "." + std::to_string(next_number_.fetch_add(1));
    return 0;
  });
  if (error != 0) return error;

  TemporaryFile file;
  if (const int failure = open_in(fd(), name, O_RDWR | O_CREAT | O_EXCL, 0400, file.fd_); failure != 0) return failure;
  file.folder_ = folder_;
  file.name_ = std::move(name);
  created = std::move(file);
  return 0;
}

int TemporaryFolder::start_session(Session& session) {
  constexpr int kAttempts = 16;
  const std::string host = host_tag();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::string name = host + "-" + random_name();
    UniqueFd lock;
    const int error = open_in(fd(), name + std::string(kLockSuffix), O_RDWR | O_CREAT | O_EXCL, 0600, lock);
    if (error == EEXIST) continue;
    if (error != 0) return error;
    // Whoever removes stale files may see the new lock file before it is locked; then another is made. Where locks
    // are not supported, age alone protects the session.
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) continue;
    struct stat info {};
    if (::fstat(lock.get(), &info) != 0) return errno;
    if (info.st_nlink == 0) continue;
    session = {name, std::move(lock)};
    return 0;
  }
  return EAGAIN;
}

TemporaryFolder::Liveness TemporaryFolder::judge(const std::string& lock_name, UniqueFd& held) const {
  UniqueFd lock;
  if (open_in(fd(), lock_name, O_RDWR, 0, lock) != 0) return Liveness::unknown;
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return errno == EWOULDBLOCK ? Liveness::alive : Liveness::unknown;
  if (!lock_name.starts_with(host_tag() + "-")) return Liveness::unknown;
  held = std::move(lock);
  return Liveness::dead;
}

void TemporaryFolder::remove_stale() {
  std::vector<std::string> names;
  if (list_names(fd(), names) != 0) return;
  // Lock files after the files they speak for, so that a removal cut short is finished the next time.
  std::stable_partition(names.begin(), names.end(),
                        [](const std::string& name) { return !name.ends_with(kLockSuffix); });

  std::map<std::string, Liveness> liveness;
  std::vector<UniqueFd> held;
  for (const std::string& name : names)
    if (name.ends_with(kLockSuffix)) liveness[session_of(name)] = judge(name, held.emplace_back());

  for (const std::string& name : names) {
    const auto found = liveness.find(session_of(name));
    const Liveness state = found == liveness.end() ? Liveness::unknown : found->second;
    if (state == Liveness::dead || (state == Liveness::unknown && is_old(fd(), name)))
      (void)::unlinkat(fd(), name.c_str(), 0);
  }
}

}  // namespace igudar
