#pragma once

#include <cstdint>
#include <map>
#include <set>
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
  enum class Names {
    linked,
    apart  // each becomes a file of its own
  };
  HardLinks(const RestoreJob& job, Names names) : job_(job), names_(names) {}

  // What has the name `path` is right and stays: further names of it can be made, or are there.
  void note_kept(const std::string& path, const Metadata& meta);
  // Whether `path` is a further name of what was placed before, to be made later.
  bool put_off(const std::string& path, const Metadata& meta);
  // Makes, and counts, what was put off. Returns the names whose first one could not be restored, and which were not
  // made therefore.
  std::set<std::string> make() const;

 private:
  struct FirstName {
    std::string path;
    bool kept = false;
  };
  struct FurtherName {
    FirstName existing;
    std::string path;
    EntryType type;
    std::uint64_t size;
  };
  void make(const FurtherName& name) const;
  // Gives it its name, in a dry run only as far as that can be told. False when it has it.
  bool link(const FurtherName& name) const;

  const RestoreJob& job_;
  const Names names_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, FirstName> first_names_;  // by device and inode
  std::vector<FurtherName> further_names_;
};

}  // namespace igudar
