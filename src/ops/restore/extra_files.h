#pragma once

#include <set>
#include <string>
#include <vector>

#include "ops/restore/restore_job.h"

namespace igudar {

// --delete: removes from the target what the snapshot does not have. What the includes and excludes keep out of the
// restore is not ours to remove, nor is a folder that holds such, nor what is in another file system that is mounted in
// the target; folders that only lead to what was backed up keep what else is in them. In a dry run it only counts and
// reports.
//
// Not thread-safe. Errors: what fails is reported; the rest goes on. Memory: the names in one folder at each level.
class ExtraFiles {
 public:
  explicit ExtraFiles(const RestoreJob& job);

  // The snapshot has `path`. Called for all that is restored or leads there, in the order of the snapshot: folders that
  // are passed thereby are cleaned up.
  void keep(const std::string& path, bool is_folder);
  // Cleans up the rest. Call it only when all that the snapshot has was told.
  void finish();

 private:
  struct Folder {
    std::string path;
    std::set<std::string> kept;  // names in it
  };
  void leave_until_above(const std::string& path);
  void clean_up_last();
  bool only_leads(const Folder& folder) const;
  std::string in_snapshot(const std::string& path) const;
  void remove_ours(const std::string& path);
  bool all_ours(const std::string& path, const FileStat& there) const;
  void say_elsewhere(const std::string& path);
  std::vector<std::string> paths_in(const std::string& folder) const;
  EntrySelection::Verdict judge(const std::string& path, bool is_folder) const;

  const RestoreJob& job_;
  const EntrySelection selection_;
  std::vector<Folder> open_;  // from the target down to where the snapshot's entries have got
  std::set<std::string> said_elsewhere_;
};

}  // namespace igudar
