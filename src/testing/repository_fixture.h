#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <random>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "concurrency/interruptible_wait.h"
#include "ops/backup/backup.h"
#include "repo/repo_testing.h"

namespace igudar::testing {

using StoredObjects = std::map<ObjectName, Bytes>;

inline StoredObjects objects_of(const ObjectStore& store) {
  StoredObjects objects;
  for (const ObjectKind kind : kAllObjectKinds)
    for (const ObjectInfo& object : store.list(kind, {})) objects[object.name] = store.get(object.name, 1 << 30, {});
  return objects;
}

// Bytes that look random, always the same for a seed: they do not compress, and chunks of them differ.
inline Bytes noise(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

// Makes a folder the process's working folder for as long as it lives. Not thread-safe.
class WorkingFolder {
 public:
  explicit WorkingFolder(const std::filesystem::path& folder) { std::filesystem::current_path(folder); }
  ~WorkingFolder() {
    std::error_code ignored;
    std::filesystem::current_path(before_, ignored);
  }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  const std::filesystem::path before_ = std::filesystem::current_path();
};

// A repository in memory with a small source folder to back up: what tests of operations begin with. Not thread-safe.
class SourceFixture : public RepositoryFixture {
 public:
  explicit SourceFixture(const InitOptions& sizes = sample_sizes()) : RepositoryFixture(sizes) {
    std::filesystem::create_directories(source());
  }

  std::filesystem::path source() const { return scratch / "source"; }

  // `name` is relative to the source; folders are made as needed.
  void write(const std::string& name, ByteView content) const {
    const std::filesystem::path file = source() / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary | std::ios::trunc)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  }
  void write(const std::string& name, std::string_view text) const { write(name, view_of(text)); }

  // Small files in several folders, an empty one, a symbolic link and a file of several chunks.
  void write_sample_tree() const {
    for (int folder = 0; folder < 4; ++folder)
      for (int file = 0; file < 12; ++file) {
        const std::string name = "folder" + std::to_string(folder) + "/file" + std::to_string(file) + ".txt";
        write(name, "This is the content of " + name + "\n");
      }
    write("empty", "");
    write("large.bin", noise(std::size_t{3} << 20, 1));
    std::filesystem::create_symlink("empty", source() / "link");
  }

  // Runs of data and holes in turn, each of 4 KiB.
  void write_sparse(const std::string& name, int runs, std::uint64_t seed) const {
    constexpr std::size_t kRun = 4096;
    const UniqueFd file(::open((source() / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const Bytes content = noise(kRun * static_cast<std::size_t>(runs), seed);
    for (std::size_t i = 0; i < static_cast<std::size_t>(runs); ++i)
      if (::pwrite(file.get(), content.data() + i * kRun, kRun, static_cast<off_t>(2 * i * kRun)) != ssize_t{kRun})
        throw_errno(errno, "cannot write " + name);
  }

  // Returns once the source is older than any backup that begins from now on, so that the next one but one believes
  // that what has not changed by then is unchanged.
  static void let_source_age() {
    constexpr TimeNs kTrustedAge = 20'000'000;
    const TimeNs until = wall_clock_ns() + kTrustedAge;
    while (wall_clock_ns() < until) wait_unless_stopped(std::chrono::milliseconds(1), {});
  }

  // Backs the source up; its contents are at the snapshot's top. Returns the id of the snapshot.
  // With one thread unless the test says otherwise: which pack a chunk comes to lie in is then the same in every run.
  std::string back_up_source(BackupOptions options = {}) {
    last_backup = back_up_source_to(repository, std::move(options));
    return last_backup.snapshot_id;
  }
  BackupSummary back_up_source_to(Repository& in, BackupOptions options = {}) const {
    if (options.threads == 0) options.threads = 1;
    const WorkingFolder here(source());
    options.paths = {"."};
    RunMonitor silent;
    return back_up(in, options, silent, {});
  }

  // Backs the source up twice, so that all that the packs of a type hold is there in two packs of it: these are
  // returned.
  std::vector<ObjectName> back_up_to_two_packs(PackType type) {
    let_source_age();
    back_up_source();
    let_source_age();
    const std::vector<ObjectName> names = packs(type);
    std::vector<Bytes> contents;
    for (const ObjectName& name : names) {
      contents.push_back(get(name));
      memory->remove(name, {});
    }
    back_up_source();
    for (std::size_t i = 0; i < names.size(); ++i) memory->put(names[i], contents[i], Durability::durable, {});
    return packs(type);
  }

  BackupSummary last_backup;
};

}  // namespace igudar::testing
