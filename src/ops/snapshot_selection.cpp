#include "ops/snapshot_selection.h"

#include <algorithm>
#include <filesystem>

#include "base/translate.h"

namespace igudar {

namespace {

bool contains(const std::vector<std::string>& list, const std::string& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

std::string recorded_path(const std::string& path) {
  if (path.empty()) throw Error(ErrorCode::usage, tr("an empty path names nothing"));
  std::string absolute = std::filesystem::absolute(path).lexically_normal().string();
  if (absolute.size() > 1 && absolute.back() == '/') absolute.pop_back();
  return absolute;
}

bool matches(const CataloguedSnapshot& snapshot, const SnapshotFilter& filter) {
  if (filter.not_after && snapshot.snapshot.time > *filter.not_after) return false;
  if (filter.hosts.empty() && filter.tags.empty() && filter.paths.empty()) return true;
  if (!snapshot.snapshot.description) return false;
  const SnapshotDescription& about = *snapshot.snapshot.description;
  if (!filter.hosts.empty() && !contains(filter.hosts, about.host)) return false;
  const auto has_all = [&](const std::vector<std::string>& tags) {
    return std::all_of(tags.begin(), tags.end(), [&](const std::string& tag) { return contains(about.tags, tag); });
  };
  if (!filter.tags.empty() && std::none_of(filter.tags.begin(), filter.tags.end(), has_all)) return false;
  return std::all_of(filter.paths.begin(), filter.paths.end(),
                     [&](const std::string& path) { return contains(about.paths, path); });
}

std::pair<std::string, std::string> split_snapshot_argument(const std::string& argument) {
  const std::size_t colon = argument.find(':');
  if (colon == std::string::npos) return {argument, {}};
  return {argument.substr(0, colon), argument.substr(colon + 1)};
}

const CataloguedSnapshot& select_snapshot(const SnapshotCatalogue& catalogue, const std::string& id,
                                          const SnapshotFilter& filter) {
  if (id != "latest") return catalogue.find(id);
  const CataloguedSnapshot* newest =
      catalogue.latest([&](const CataloguedSnapshot& each) { return matches(each, filter); });
  if (newest == nullptr)
    throw Error(ErrorCode::not_found, tr("there is no snapshot that matches"),
                tr("'igudar snapshots' lists what there is."));
  return *newest;
}

}  // namespace igudar
