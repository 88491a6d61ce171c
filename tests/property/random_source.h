#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "random.h"

namespace igudar::testing {

// A folder that changes at random, as the homes of users do, and worse. Not thread-safe.
class RandomSource {
 public:
  struct Limits {
    std::uint64_t bytes = 6U << 20;  // of all files together
    std::size_t entries = 500;
    bool large_files = false;  // now and then one of more than the 8 MiB that one worker takes
  };
  RandomSource(std::filesystem::path folder, Limits limits, Random& random);

  // Changes one thing, and says what.
  std::string change();

 private:
  struct Names {
    std::vector<std::string> files, folders, others;  // below the folder; `folders` includes ""
    std::uint64_t bytes = 0;
    std::size_t count = 0;
  };
  Names names() const;
  std::string full(const std::string& path) const;
  // A name that is free, in some folder.
  std::string new_path(const Names& now);
  Bytes content(std::size_t size);
  void put(const std::string& path, ByteView bytes) const;

  std::string add_file(const Names& now);
  std::string add_large_file(const Names& now);
  std::string add_sparse_file(const Names& now);
  std::string add_many(const Names& now);
  std::string add_folder(const Names& now);
  std::string add_other(const Names& now);
  std::string add_link(const Names& now);
  std::string add_copy(const Names& now);
  std::string overwrite(const Names& now);
  std::string overwrite_unnoticed(const Names& now);
  std::string resize(const Names& now);
  std::string remove(const Names& now);
  std::string rename(const Names& now);
  std::string exchange_kinds(const Names& now);
  std::string change_metadata(const Names& now);

  const std::filesystem::path folder_;
  const Limits limits_;
  Random& random_;
};

}  // namespace igudar::testing
