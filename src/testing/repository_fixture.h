#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <random>
#include <string>

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

  // Backs the source up; its contents are at the snapshot's top. Returns the id of the snapshot.
  // With one thread unless the test says otherwise: which pack a chunk comes to lie in is then the same in every run.
  std::string back_up_source(BackupOptions options = {}) {
    return back_up_source_to(repository, std::move(options)).snapshot_id;
  }
  BackupSummary back_up_source_to(Repository& in, BackupOptions options = {}) const {
    if (options.threads == 0) options.threads = 1;
    const WorkingFolder here(source());
    options.paths = {"."};
    RunMonitor silent;
    return back_up(in, options, silent, {});
  }

 private:
  // The process's working folder, until the end of the scope.
  class WorkingFolder {
   public:
    explicit WorkingFolder(const std::filesystem::path& folder) { std::filesystem::current_path(folder); }
    ~WorkingFolder() { std::filesystem::current_path(before_); }
    WorkingFolder(const WorkingFolder&) = delete;
    WorkingFolder& operator=(const WorkingFolder&) = delete;

   private:
    const std::filesystem::path before_ = std::filesystem::current_path();
  };
};

}  // namespace igudar::testing
