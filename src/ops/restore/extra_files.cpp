#include "ops/restore/extra_files.h"

#include <filesystem>

namespace igudar {

void ExtraFiles::keep(const std::string& path, bool is_folder) {
  if (open_.empty()) open_.push_back({});
  if (path.empty()) return;
  leave_until_above(path);
  open_.back().kept.insert(path.substr(path.rfind('/') + 1));
  if (is_folder) open_.push_back({path, {}});
}

void ExtraFiles::finish() {
  leave_until_above({});
  if (!open_.empty()) clean_up(open_.front());
}

void ExtraFiles::leave_until_above(const std::string& path) {
  while (open_.size() > 1 && !is_below(path, open_.back().path)) {
    clean_up(open_.back());
    open_.pop_back();
  }
}

void ExtraFiles::clean_up(const Folder& folder) {
  try {
    for (const std::string& name : names_in(folder.path)) {
      if (folder.kept.contains(name)) continue;
      const std::string path = folder.path.empty() ? name : folder.path + "/" + name;
      if (!is_ours(path)) continue;
      if (job_.target.tree) job_.target.tree->remove_tree(path);
      ++job_.report.counters().deleted;
      job_.report.monitor().item(path, "removed", 0);
    }
  } catch (const Error& error) {
    job_.report.problem(folder.path, error);
  }
}

std::vector<std::string> ExtraFiles::names_in(const std::string& folder) const {
  if (job_.target.tree) return job_.target.tree->list_names(folder);
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& file :
       std::filesystem::directory_iterator(std::filesystem::path(job_.target.folder) / folder, error))
    names.push_back(file.path().filename());
  return names;
}

// What an exclude or a missing include keeps out of this restore is not ours to delete.
bool ExtraFiles::is_ours(const std::string& path) const {
  const std::string& top = job_.source.below;
  Entry probe;
  probe.path = top.empty() ? path : top + "/" + path;
  return EntrySelection(top, job_.options.includes, job_.options.excludes).judge(probe) ==
         EntrySelection::Verdict::restore;
}

}  // namespace igudar
