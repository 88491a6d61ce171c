#include "ops/backup/backup_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "base/host_name.h"
#include "base/translate.h"
#include "ops/backup/planner.h"
#include "ops/snapshot_selection.h"
#include "repo/repository.h"

namespace igudar {

namespace {

std::vector<std::string> shown_paths(const BackupOptions& options) {
  if (options.stdin_filename) return {"/" + stream_path(*options.stdin_filename)};
  std::vector<std::string> paths;
  for (const std::string& path : options.paths) paths.push_back(recorded_path(path));
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

ExcludeRules read_exclude_rules(const BackupOptions& options) {
  ExcludeRules rules;
  for (const std::string& file : options.exclude_files) {
    std::ifstream input(file, std::ios::binary);
    if (!input) throw_errno(errno, trf("cannot read the exclude file {}", file));
    rules.add_file(std::string(std::istreambuf_iterator<char>(input), {}));
  }
  for (const std::string& pattern : options.excludes) rules.add_pattern(pattern);
  return rules;
}

std::vector<InodeId> own_folders(const Repository& repository) {
  std::vector<InodeId> folders;
  for (const std::string& folder : {repository.store().location(), repository.cache_folder().string()}) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) == 0) folders.push_back({status.st_dev, status.st_ino});
  }
  return folders;
}

}  // namespace

BackupSource read_source(const BackupOptions& options) {
  return {options.host.empty() ? host_name() : options.host, shown_paths(options), read_exclude_rules(options)};
}

WalkOptions walk_options(const BackupSource& source, const BackupOptions& options, const Repository& repository) {
  WalkOptions walk;
  if (!source.excludes.empty())
    walk.excluded = [&source](std::string_view path, bool is_directory) {
      return source.excludes.excludes_entry(path, is_directory);
    };
  walk.one_file_system = options.one_file_system;
  walk.exclude_caches = options.exclude_caches;
  walk.exclude_larger_than = options.exclude_larger_than.value_or(0);
  walk.skip = own_folders(repository);
  walk.threads = options.threads;
  return walk;
}

}  // namespace igudar
