#pragma once

#include <iosfwd>

#include "base/unique_fd.h"
#include "kept_snapshots.h"
#include "ops/backup/backup.h"

namespace igudar::testing {

// A backup that is about to be made, and what its snapshot has to bring back.
struct RandomBackup {
  BackupOptions options;
  Kept kept;
  UniqueFd input;  // of a stream
};

// Draws backups of a folder as it is now, in all the ways in which one can be asked for. Not thread-safe.
class RandomBackups {
 public:
  // The process's working folder has to be `source`. `log` is told what was drawn.
  RandomBackups(std::filesystem::path source, std::filesystem::path scratch, Random& random, std::ostream& log);

  RandomBackup draw(const KeptSnapshots& parents);

 private:
  void draw_stream(RandomBackup& backup);
  void draw_tree(RandomBackup& backup);
  // Some names below the folder, to be backed up in its place.
  std::vector<std::string> draw_roots(const TreeState& tree);

  const std::filesystem::path source_;
  const std::filesystem::path scratch_;
  Random& random_;
  std::ostream& log_;
  const std::uint64_t checkpoint_bytes_;
};

}  // namespace igudar::testing
