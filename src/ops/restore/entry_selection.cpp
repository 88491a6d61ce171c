#include "ops/restore/entry_selection.h"

namespace igudar {

bool is_below(std::string_view path, std::string_view folder) {
  return folder.empty() || (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

EntrySelection::EntrySelection(std::string below, const std::vector<std::string>& includes,
                               const std::vector<std::string>& excludes)
    : below_(std::move(below)) {
  for (const std::string& pattern : includes) includes_.add_pattern(pattern);
  for (const std::string& pattern : excludes) excludes_.add_pattern(pattern);
}

bool EntrySelection::past_end(const std::string& path) const {
  return !below_.empty() && path != below_ && !is_below(path, below_) && compare_paths(path, below_) > 0;
}

std::string EntrySelection::target_path(const Entry& entry) const {
  if (below_.empty()) return entry.path;
  if (entry.path == below_) {
    if (entry.meta.type == EntryType::directory) return {};
    const std::size_t slash = below_.rfind('/');
    return slash == std::string::npos ? below_ : below_.substr(slash + 1);
  }
  return entry.path.substr(below_.size() + 1);
}

EntrySelection::Verdict EntrySelection::judge(const Entry& entry) {
  const std::string& path = entry.path;
  const bool directory = entry.meta.type == EntryType::directory;
  if (path != below_ && !is_below(path, below_)) return Verdict::leave;
  in_excluded_ = in_excluded_ && is_below(path, excluded_folder_);
  if (in_excluded_) return Verdict::leave;
  if (!path.empty() && excludes_.excludes_entry(path, directory)) {
    if (directory) {
      in_excluded_ = true;
      excluded_folder_ = path;
    }
    return Verdict::leave;
  }
  if (includes_.empty()) return Verdict::restore;
  in_included_ = in_included_ && is_below(path, included_folder_);
  if (in_included_) return Verdict::restore;
  if (!path.empty() && includes_.excludes_entry(path, directory)) {
    if (directory) {
      in_included_ = true;
      included_folder_ = path;
    }
    return Verdict::restore;
  }
  return directory ? Verdict::on_the_way : Verdict::leave;
}

EntrySelection::Verdict EntrySelection::judge_path(std::string_view path, bool is_folder) const {
  if (path != below_ && !is_below(path, below_)) return Verdict::leave;
  bool included = includes_.empty();
  for (std::size_t end = below_.size();; end = std::min(path.find('/', end + 1), path.size())) {
    const std::string_view part = path.substr(0, end);  // the path itself or a folder that leads to it
    const bool folder = is_folder || end < path.size();
    if (!part.empty() && excludes_.excludes_entry(part, folder)) return Verdict::leave;
    included = included || (!part.empty() && includes_.excludes_entry(part, folder));
    if (end == path.size()) break;
  }
  if (included) return Verdict::restore;
  return is_folder ? Verdict::on_the_way : Verdict::leave;
}

}  // namespace igudar
