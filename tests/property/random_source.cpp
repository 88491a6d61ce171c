#include "random_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/unique_fd.h"
#include "tree_state.h"

namespace igudar::testing {

namespace {

constexpr std::size_t kPage = 4096;  // what a hole is made of
// Of prefixes of each other, of what patterns and shells take for special, and not of UTF-8.
const std::vector<std::string> kNames = {
    "a",     "b",       "ab",          "a.b",      "a-b",      "a b",          "*",
    "[a]",   "-a",      "new\nline",   "\xff\xfe", "\xc3\xa9", "cache",        "x.log",
    "y.log", ".hidden", "back\\slash", "\x01",     "z",        "CACHEDIR.TAG", "?"};

void require(bool done, const std::string& path) {
  if (!done) throw_errno(errno, "cannot change " + shown(path));
}

}  // namespace

RandomSource::RandomSource(std::filesystem::path folder, Limits limits, Random& random)
    : folder_(std::move(folder)), limits_(limits), random_(random) {}

std::string RandomSource::full(const std::string& path) const {
  return path.empty() ? folder_.string() : folder_.string() + "/" + path;
}

RandomSource::Names RandomSource::names() const {
  Names now;
  now.folders.emplace_back();
  const std::size_t skipped = folder_.string().size() + 1;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    const std::string path = entry.path().string().substr(skipped);
    ++now.count;
    if (entry.is_symlink() || (!entry.is_regular_file() && !entry.is_directory())) {
      now.others.push_back(path);
    } else if (entry.is_directory()) {
      now.folders.push_back(path);
    } else {
      now.files.push_back(path);
      now.bytes += entry.file_size();
    }
  }
  for (auto* list : {&now.files, &now.folders, &now.others}) std::sort(list->begin(), list->end());
  return now;
}

std::string RandomSource::new_path(const Names& now) {
  for (int attempt = 0;; ++attempt) {
    const std::string in = random_.of(now.folders);
    std::string name = random_.of(kNames);
    if (attempt > 3) name += std::to_string(random_.below(1'000'000));
    if (random_.chance(3)) name += std::string(200, 'n');
    std::string path = in.empty() ? name : in + "/" + name;
    struct stat status {};
    if (path.size() < 600 && ::lstat(full(path).c_str(), &status) != 0) return path;
  }
}

Bytes RandomSource::content(std::size_t size) {
  Bytes bytes(size);
  const std::uint64_t kind = random_.below(10);
  std::mt19937_64 engine(random_.chance(30) ? random_.below(5) : random_.below(~std::uint64_t{0}));
  if (kind < 5) {
    for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
      const std::uint64_t word = engine();
      std::memcpy(bytes.data() + at, &word, std::min(sizeof word, size - at));
    }
  } else if (kind < 7) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>("abcdefgh\n"[engine() % 9]);
  } else if (kind < 9) {
    const std::size_t period = 1 + engine() % 3000;
    for (std::size_t i = 0; i < size; ++i)
      bytes[i] = i < period ? static_cast<std::uint8_t>(engine()) : bytes[i - period];
  }
  return bytes;
}

void RandomSource::put(const std::string& path, ByteView bytes) const {
  const UniqueFd file(::open(full(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
  require(file.valid(), path);
  require(::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), path);
}

std::string RandomSource::change() {
  struct Choice {
    unsigned weight;
    std::string (RandomSource::*make)(const Names&);
  };
  static const std::vector<Choice> choices = {
      {20, &RandomSource::add_file},       {1, &RandomSource::add_large_file},
      {3, &RandomSource::add_sparse_file}, {2, &RandomSource::add_many},
      {8, &RandomSource::add_folder},      {6, &RandomSource::add_other},
      {8, &RandomSource::add_link},        {6, &RandomSource::add_copy},
      {8, &RandomSource::overwrite},       {6, &RandomSource::overwrite_unnoticed},
      {8, &RandomSource::resize},          {14, &RandomSource::remove},
      {8, &RandomSource::rename},          {4, &RandomSource::exchange_kinds},
      {8, &RandomSource::change_metadata}};
  for (;;) {
    const Names now = names();
    if (now.bytes > limits_.bytes || now.count > limits_.entries) return remove(now);
    if (std::string what = (this->*random_.weighed(choices).make)(now); !what.empty()) return what;
  }
}

std::string RandomSource::add_file(const Names& now) {
  static const std::vector<std::size_t> sizes = {0, 1, 63, 64, 65, 1000, 4096, 5000, 20'000, 150'000, 600'000};
  const std::string path = new_path(now);
  put(path, content(static_cast<std::size_t>(random_.of(sizes))));
  return "write " + shown(path);
}

std::string RandomSource::add_large_file(const Names& now) {
  if (!limits_.large_files) return {};
  const std::string path = new_path(now);
  put(path, content((8U << 20) + static_cast<std::size_t>(random_.below(10U << 20))));
  return "write large " + shown(path);
}

// Runs of data and holes in turn; of more than 1,024 extents most of the time.
std::string RandomSource::add_sparse_file(const Names& now) {
  const std::string path = new_path(now);
  const std::size_t runs = random_.chance(70) ? 520 + random_.below(200) : random_.below(20);
  const UniqueFd file(::open(full(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  require(file.valid(), path);
  const Bytes bytes = content(kPage * runs);
  for (std::size_t i = 0; i < runs; ++i)
    require(::pwrite(file.get(), bytes.data() + i * kPage, kPage, static_cast<off_t>(2 * i * kPage)) == ssize_t{kPage},
            path);
  require(::ftruncate(file.get(), static_cast<off_t>(2 * runs * kPage + random_.below(3 * kPage))) == 0, path);
  return "write sparse " + shown(path) + " of " + std::to_string(runs) + " runs";
}

// So many long entries that a tree has several pages.
std::string RandomSource::add_many(const Names& now) {
  const std::string path = new_path(now);
  require(::mkdir(full(path).c_str(), 0750) == 0, path);
  const std::size_t count = 20 + random_.below(60);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = path + "/" + std::to_string(i);
    if (random_.chance(50))
      put(name, content(static_cast<std::size_t>(random_.below(30))));
    else
      require(::symlink((std::to_string(random_.below(100)) + std::string(3000, 't')).c_str(), full(name).c_str()) == 0,
              name);
  }
  return "make " + std::to_string(count) + " entries in " + shown(path);
}

std::string RandomSource::add_folder(const Names& now) {
  const std::string path = new_path(now);
  require(::mkdir(full(path).c_str(), 0755) == 0, path);
  return "make the folder " + shown(path);
}

std::string RandomSource::add_other(const Names& now) {
  const std::string path = new_path(now);
  if (random_.chance(20)) {
    require(::mkfifo(full(path).c_str(), 0600) == 0, path);
    return "make the fifo " + shown(path);
  }
  require(::symlink(random_.of(kNames).c_str(), full(path).c_str()) == 0, path);
  return "make the symlink " + shown(path);
}

std::string RandomSource::add_link(const Names& now) {
  const std::vector<std::string>& list = random_.chance(90) ? now.files : now.others;
  if (list.empty()) return {};
  const std::string of = random_.of(list);
  const std::string path = new_path(now);
  require(::linkat(AT_FDCWD, full(of).c_str(), AT_FDCWD, full(path).c_str(), 0) == 0, path);
  return "link " + shown(path) + " to " + shown(of);
}

std::string RandomSource::add_copy(const Names& now) {
  if (now.files.empty()) return {};
  const std::string of = random_.of(now.files);
  const std::string path = new_path(now);
  std::filesystem::copy_file(full(of), full(path));
  return "copy " + shown(of) + " to " + shown(path);
}

std::string RandomSource::overwrite(const Names& now) {
  if (now.files.empty()) return {};
  const std::string path = random_.of(now.files);
  const UniqueFd file(::open(full(path).c_str(), O_WRONLY | O_CLOEXEC));
  require(file.valid(), path);
  const std::uint64_t size = std::filesystem::file_size(full(path));
  const Bytes bytes = content(1 + static_cast<std::size_t>(random_.below(3000)));
  const std::uint64_t at = random_.below(size + 1);
  require(
      ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(bytes.size()),
      path);
  return "overwrite " + shown(path);
}

// The size and the time of the content stay: only the time of the change tells.
std::string RandomSource::overwrite_unnoticed(const Names& now) {
  if (now.files.empty()) return {};
  const std::string path = random_.of(now.files);
  struct stat before {};
  require(::stat(full(path).c_str(), &before) == 0, path);
  if (before.st_size == 0) return {};
  const UniqueFd file(::open(full(path).c_str(), O_RDWR | O_CLOEXEC));
  require(file.valid(), path);
  const auto at = static_cast<off_t>(random_.below(static_cast<std::uint64_t>(before.st_size)));
  std::uint8_t byte = 0;
  require(::pread(file.get(), &byte, 1, at) == 1, path);
  byte ^= 1;
  require(::pwrite(file.get(), &byte, 1, at) == 1, path);
  const struct timespec times[2] = {before.st_atim, before.st_mtim};
  require(::futimens(file.get(), times) == 0, path);
  return "overwrite unnoticed " + shown(path);
}

std::string RandomSource::resize(const Names& now) {
  if (now.files.empty()) return {};
  const std::string path = random_.of(now.files);
  const std::uint64_t size = std::filesystem::file_size(full(path));
  std::uint64_t wanted = random_.chance(20) ? 0 : random_.below(size + 1);
  if (random_.chance(40)) wanted = size + random_.below(50'000);
  if (wanted > size && random_.chance(50)) {
    const UniqueFd file(::open(full(path).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    require(file.valid(), path);
    const Bytes bytes = content(static_cast<std::size_t>(wanted - size));
    require(::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), path);
    return "append to " + shown(path);
  }
  require(::truncate(full(path).c_str(), static_cast<off_t>(wanted)) == 0, path);
  return "make " + shown(path) + " " + std::to_string(wanted) + " bytes long";
}

std::string RandomSource::remove(const Names& now) {
  const std::uint64_t kind = random_.below(10);
  const std::vector<std::string>& list = kind < 6 ? now.files : kind < 8 ? now.others : now.folders;
  if (list.empty()) return {};
  const std::string path = random_.of(list);
  if (path.empty()) return {};
  std::filesystem::remove_all(full(path));
  return "remove " + shown(path);
}

std::string RandomSource::rename(const Names& now) {
  const std::vector<std::string>& list = random_.chance(60) ? now.files : now.folders;
  if (list.empty()) return {};
  const std::string path = random_.of(list);
  const std::string to = new_path(now);
  if (path.empty() || is_within(to, path)) return {};
  require(::rename(full(path).c_str(), full(to).c_str()) == 0, path);
  return "rename " + shown(path) + " to " + shown(to);
}

std::string RandomSource::exchange_kinds(const Names& now) {
  const std::vector<std::string>& list = random_.chance(50) ? now.files : now.folders;
  if (list.empty()) return {};
  const std::string path = random_.of(list);
  if (path.empty()) return {};
  const bool was_folder = std::filesystem::is_directory(full(path));
  std::filesystem::remove_all(full(path));
  if (was_folder) {
    put(path, content(static_cast<std::size_t>(random_.below(10'000))));
    return "a file in place of the folder " + shown(path);
  }
  require(::mkdir(full(path).c_str(), 0700) == 0, path);
  if (random_.chance(70)) put(path + "/inside", content(static_cast<std::size_t>(random_.below(10'000))));
  return "a folder in place of the file " + shown(path);
}

std::string RandomSource::change_metadata(const Names& now) {
  const std::vector<std::string>& list = random_.chance(60) ? now.files : now.folders;
  if (list.empty()) return {};
  const std::string path = random_.of(list);
  const std::string at = full(path);
  switch (random_.below(4)) {
    case 0: {
      const mode_t mode = static_cast<mode_t>(random_.below(01000)) | (random_.chance(10) ? 06000 : 0);
      require(::chmod(at.c_str(), mode | 0700) == 0, path);
      return "chmod " + shown(path);
    }
    case 1: {
      const auto seconds = static_cast<time_t>(random_.below(4'000'000'000)) - 1'000'000'000;
      const struct timespec times[2] = {
          {.tv_sec = seconds, .tv_nsec = 0},
          {.tv_sec = seconds, .tv_nsec = static_cast<long>(random_.below(1'000'000'000))}};
      require(::utimensat(AT_FDCWD, at.c_str(), times, 0) == 0, path);
      return "set the time of " + shown(path);
    }
    case 2:
      if (::geteuid() != 0) return {};
      require(::chown(at.c_str(), static_cast<uid_t>(random_.below(70'000)),
                      static_cast<gid_t>(random_.below(70'000))) == 0,
              path);
      return "chown " + shown(path);
    default: {
      const std::string name = "user." + random_.of(std::vector<std::string>{"x", "y", "long"});
      if (random_.chance(30)) {
        (void)::removexattr(at.c_str(), name.c_str());
        return "remove an attribute of " + shown(path);
      }
      const Bytes value = content(static_cast<std::size_t>(random_.below(name == "user.long" ? 2000 : 20)));
      if (::setxattr(at.c_str(), name.c_str(), value.data(), value.size(), 0) != 0)
        require(errno == ENOTSUP || errno == ENOSPC, path);
      return "set an attribute of " + shown(path);
    }
  }
}

}  // namespace igudar::testing
