#pragma once

#include <set>
#include <string>
#include <vector>

#include "ops/restore/restore_job.h"

namespace igudar {

// --delete: removes from the target what the snapshot does not have, as far as the selection is about it. In a dry run
// only counts and reports it.
//
// Not thread-safe. Errors: what fails is reported; the rest goes on. Memory: the names in one folder at each level.
class ExtraFiles {
 public:
  explicit ExtraFiles(const RestoreJob& job) : job_(job) {}

  // The snapshot has `path`. Called for all that is restored, in the order of the snapshot: folders that are passed
  // thereby are cleaned up.
  void keep(const std::string& path, bool is_folder);
  // Cleans up the rest. Call it only when all was kept that is to be.
  void finish();

 private:
  struct Folder {
    std::string path;
    std::set<std::string> kept;  // names in it
  };
  void leave_until_above(const std::string& path);
  void clean_up(const Folder& folder);
  std::vector<std::string> names_in(const std::string& folder) const;
  bool is_ours(const std::string& path) const;

  const RestoreJob& job_;
  std::vector<Folder> open_;  // from the target down to where the snapshot's entries have got
};

}  // namespace igudar
