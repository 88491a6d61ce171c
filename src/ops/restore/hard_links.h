#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ops/restore/restore_job.h"

namespace igudar {

// The further names of what has several: made once all content is written.
//
// Not thread-safe. Errors: what fails is reported; the rest goes on. Memory: the path of each name.
class HardLinks {
 public:
  explicit HardLinks(const RestoreJob& job) : job_(job) {}

  // Whether `path` is a further name of what was placed before, to be made later.
  bool put_off(const std::string& path, const Metadata& meta);
  void make() const;

 private:
  struct FurtherName {
    std::string existing;
    std::string path;
  };

  const RestoreJob& job_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> first_names_;  // by device and inode
  std::vector<FurtherName> further_names_;
};

}  // namespace igudar
