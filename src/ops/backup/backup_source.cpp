#include "ops/backup/backup_source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/descriptor_io.h"
#include "base/host_name.h"
#include "base/translate.h"
#include "base/unique_fd.h"
#include "ops/backup/planner.h"
#include "ops/repository_folder.h"
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
    const UniqueFd input(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    std::string patterns;
    const int error = input.valid() ? read_to_end(input.get(), patterns) : errno;
    if (error != 0) throw_errno(error, trf("cannot read the exclude file {}", file));
    rules.add_file(patterns);
  }
  for (const std::string& pattern : options.excludes) rules.add_pattern(pattern);
  return rules;
}

std::vector<InodeId> own_folders(const Repository& repository) {
  std::vector<InodeId> folders;
  for (const std::string& folder : {repository.root().location(), repository.cache_folder().string()}) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) == 0) folders.push_back({status.st_dev, status.st_ino});
  }
  return folders;
}

}  // namespace

void leave_repository_out(const Repository& repository, const BackupOptions& options, RunMonitor& monitor) {
  const std::optional<std::filesystem::path> held = repository_folder(repository);
  if (!held) return;
  bool is_inside = false;
  for (const std::string& path : options.paths) {
    std::error_code missing;
    const std::filesystem::path source = std::filesystem::canonical(path, missing);
    if (missing) continue;
    if (is_in_folder(source, *held) && (source != *held || options.paths.size() == 1))
      throw Error(ErrorCode::usage, trf("{} belongs to the repository, which cannot hold itself", path),
                  tr("Name what is to be backed up; to copy a repository, copy its folder."));
    is_inside = is_inside || is_in_folder(*held, source);
  }
  if (is_inside) monitor.note(trf("The repository itself is left out: {}", held->string()));
}

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
