#include "ops/restore/extra_files.h"

#include <algorithm>

#include "base/translate.h"

namespace igudar {

namespace {

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// Whether `path` leads to, or is, one of the paths that were backed up. Those are recorded as absolute ones, but what
// was given as a relative one is in the snapshot without the folders that lead to it: so `path` may begin at any of
// them.
bool leads_to_any(const std::string& path, const std::vector<std::string>& backed_up) {
  return std::any_of(backed_up.begin(), backed_up.end(), [&](const std::string& whole) {
    for (std::size_t slash = whole.find('/'); slash != std::string::npos; slash = whole.find('/', slash + 1)) {
      const std::string end = whole.substr(slash + 1);
      if (!end.empty() && (path.empty() || end == path || is_below(end, path))) return true;
    }
    return false;
  });
}

}  // namespace

ExtraFiles::ExtraFiles(const RestoreJob& job)
    : job_(job), selection_(job.source.below, job.options.includes, job.options.excludes) {}

void ExtraFiles::keep(const std::string& path, bool is_folder) {
  if (open_.empty()) open_.push_back({});
  if (path.empty()) return;
  leave_until_above(path);
  open_.back().kept.insert(name_of(path));
  if (is_folder) open_.push_back({path, {}});
}

void ExtraFiles::finish() {
  leave_until_above({});
  if (!open_.empty()) clean_up_last();
}

void ExtraFiles::leave_until_above(const std::string& path) {
  while (open_.size() > 1 && !is_below(path, open_.back().path)) {
    clean_up_last();
    open_.pop_back();
  }
}

void ExtraFiles::clean_up_last() {
  const Folder& folder = open_.back();
  if (!job_.target.tree) return;  // a dry run, and there is no target yet
  if (only_leads(folder)) return;
  try {
    const std::string* elsewhere = nullptr;
    for (const Folder& each : open_) {
      const std::optional<FileStat> there = job_.target.tree->stat(each.path);
      // Folders that only lead somewhere need not be there, nor those that a dry run did not make.
      if (!there || !there->is_directory()) return;
      if (elsewhere == nullptr && !each.path.empty() && job_.target.is_elsewhere(*there)) elsewhere = &each.path;
    }
    for (const std::string& path : paths_in(folder.path)) {
      if (folder.kept.contains(name_of(path))) continue;
      if (elsewhere != nullptr) return say_elsewhere(*elsewhere);
      remove_ours(path);
    }
  } catch (const Error& error) {
    job_.report.problem(folder.path, error);
  }
}

bool ExtraFiles::only_leads(const Folder& folder) const {
  const std::optional<SnapshotDescription>& description = job_.source.snapshot.description;
  if (!description) return false;
  const std::string here = in_snapshot(folder.path);
  const auto leads_on = [&](const std::string& name) {
    return leads_to_any(here.empty() ? name : here + "/" + name, description->paths);
  };
  return leads_to_any(here, description->paths) && std::all_of(folder.kept.begin(), folder.kept.end(), leads_on);
}

void ExtraFiles::remove_ours(const std::string& path) {
  if (job_.target.repository == path)
    return job_.report.monitor().note(trf("{} stays: it is the repository that is restored from", path));
  const std::optional<FileStat> there = job_.target.tree->stat(path);
  if (!there || judge(path, there->is_directory()) == EntrySelection::Verdict::leave) return;
  if (job_.target.is_elsewhere(*there)) return say_elsewhere(path);
  if (all_ours(path, *there)) {
    if (!job_.options.dry_run) job_.target.tree->remove_tree(path);
    ++job_.report.counters().deleted;
    job_.report.monitor().item(path, "removed", 0);
  } else if (there->is_directory()) {
    for (const std::string& inner : paths_in(path)) remove_ours(inner);
  }
}

bool ExtraFiles::all_ours(const std::string& path, const FileStat& there) const {
  if (job_.target.holds_repository(path) || job_.target.is_elsewhere(there)) return false;
  if (judge(path, there.is_directory()) != EntrySelection::Verdict::restore) return false;
  if (!there.is_directory()) return true;
  const std::vector<std::string> inner = paths_in(path);
  return std::all_of(inner.begin(), inner.end(), [&](const std::string& each) {
    const std::optional<FileStat> found = job_.target.tree->stat(each);
    return !found || all_ours(each, *found);
  });
}

void ExtraFiles::say_elsewhere(const std::string& path) {
  if (said_elsewhere_.insert(path).second)
    job_.report.monitor().note(
        trf("{} keeps what is in it: another file system is mounted there, and --delete stays in that of the target",
            path));
}

std::vector<std::string> ExtraFiles::paths_in(const std::string& folder) const {
  std::vector<std::string> paths = job_.target.tree->list_names(folder);
  if (!folder.empty())
    for (std::string& name : paths) name.insert(0, folder + "/");
  return paths;
}

std::string ExtraFiles::in_snapshot(const std::string& path) const {
  const std::string& top = job_.source.below;
  if (top.empty()) return path;
  return path.empty() ? top : top + "/" + path;
}

EntrySelection::Verdict ExtraFiles::judge(const std::string& path, bool is_folder) const {
  return selection_.judge_path(in_snapshot(path), is_folder);
}

}  // namespace igudar
