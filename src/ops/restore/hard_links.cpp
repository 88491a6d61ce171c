#include "ops/restore/hard_links.h"

namespace igudar {

void HardLinks::note_kept(const std::string& path, const Metadata& meta) {
  if (meta.links <= 1) return;
  FirstName& first = first_names_.try_emplace({meta.device, meta.inode}, FirstName{path}).first->second;
  first.kept = first.kept || first.path == path;
}

bool HardLinks::put_off(const std::string& path, const Metadata& meta) {
  if (meta.links <= 1 || names_ == Names::apart) return false;
  const auto [first, inserted] = first_names_.try_emplace({meta.device, meta.inode}, FirstName{path});
  if (!inserted) further_names_.push_back({first->second, path, meta.type, meta.size});
  return !inserted;
}

std::set<std::string> HardLinks::make() const {
  std::set<std::string> left;
  for (const FurtherName& name : further_names_) {
    if (job_.report.has_failed(name.existing.path)) {
      left.insert(name.path);
      continue;
    }
    try {
      make(name);
    } catch (const Error& error) {
      job_.report.problem(name.path, error);
    }
    job_.report.monitor().advance(1, 0);
  }
  return left;
}

void HardLinks::make(const FurtherName& name) const {
  RestoreCounters& counters = job_.report.counters();
  if (!link(name)) {
    ++counters.files_unchanged;
    return;
  }
  ++(name.type == EntryType::file ? counters.files : counters.other_entries);
  job_.report.monitor().item(name.path, "restored", name.size);
}

bool HardLinks::link(const FurtherName& name) const {
  const RestoreTarget& target = job_.target;
  if (!job_.options.dry_run) return target.tree->hard_link(name.existing.path, name.path, target.in_the_way);
  const std::optional<FileStat> there = target.present(name.path);
  if (!there) return true;
  const std::optional<FileStat> first = name.existing.kept ? target.present(name.existing.path) : std::nullopt;
  if (first && first->same_inode(*there)) return false;
  target.tree->require_removable(name.path, *there, target.in_the_way);
  return true;
}

}  // namespace igudar
