#include "ops/restore/restored_folders.h"

#include <algorithm>
#include <map>

#include "concurrency/task_scope.h"

namespace igudar {

void RestoredFolders::place(const std::string& path, const Metadata& meta) {
  const RestoreTarget& target = job_.target;
  if (job_.options.dry_run) {
    const std::optional<FileStat> there = target.present_at_folder(path);
    if (there && !there->is_directory()) target.tree->require_removable(path, *there, target.in_the_way_of_folders);
  } else {
    if (!path.empty()) target.tree->make_directory(path, target.in_the_way_of_folders);
    // The target's own metadata are the user's, unless this restore made it.
    if (!path.empty() || target.made) placed_.push_back({path, meta});
  }
  ++job_.report.counters().directories;
  job_.report.monitor().advance(1, 0);
  job_.report.monitor().item(path, "directory", 0);
}

void RestoredFolders::put_off(std::string path, Metadata meta) {
  if (!path.empty()) put_off_.push_back({std::move(path), std::move(meta)});
}

void RestoredFolders::place_leading_to(const std::string& path) {
  for (const Folder& folder : std::exchange(put_off_, {}))
    if (is_below(path, folder.path)) place(folder.path, folder.meta);
}

void RestoredFolders::make_missing(const std::string& path) {
  if (job_.options.dry_run) return;
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    job_.target.tree->make_directory(path.substr(0, slash), InTheWay::refuse);
}

// Deepest first: a folder's times are its own once nothing is made in it any more, and its mode may lock us out.
void RestoredFolders::finish(const std::stop_token& stop) const {
  const auto depth = [](const Folder& folder) {
    return folder.path.empty() ? -1 : std::count(folder.path.begin(), folder.path.end(), '/');
  };
  std::map<std::ptrdiff_t, std::vector<const Folder*>, std::greater<>> by_depth;
  for (const Folder& folder : placed_) by_depth[depth(folder)].push_back(&folder);
  for (const auto& [level, folders] : by_depth)
    parallel_for(folders.size(), available_processors(), stop, [&, &level_folders = folders](std::size_t i) {
      const Folder& folder = *level_folders[i];
      try {
        apply_metadata(*job_.target.tree, folder.path, -1, folder.meta, job_.target.apply);
      } catch (const Error& error) {
        job_.report.problem(folder.path, error);
      }
    });
}

}  // namespace igudar
