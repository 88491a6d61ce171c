#include "ops/restore/restore_target.h"

#include <algorithm>
#include <filesystem>

#include "base/translate.h"
#include "ops/repository_folder.h"
#include "ops/restore/entry_selection.h"

namespace igudar {

namespace {

// The repository as a path in the target. Throws usage when the target is in the repository.
std::optional<std::string> repository_in(const std::filesystem::path& target, const Repository& repository) {
  const std::optional<std::filesystem::path> held = repository_folder(repository);
  std::error_code unknown;
  const std::filesystem::path canonical = std::filesystem::weakly_canonical(target, unknown);
  if (!held || unknown) return std::nullopt;
  if (is_in_folder(canonical, *held))
    throw Error(ErrorCode::usage, trf("{} belongs to the repository", target.string()),
                tr("Name another folder with --target."));
  if (!is_in_folder(*held, canonical)) return std::nullopt;
  return held->lexically_relative(canonical).string();
}

}  // namespace

RestoreTarget open_target(const Repository& repository, const RestoreOptions& options, RestoreReport& report) {
  if (options.target.empty()) throw Error(ErrorCode::usage, tr("no target folder was given"), tr("Use --target DIR."));
  RestoreTarget target;
  target.folder = options.target;
  target.repository = repository_in(options.target, repository);
  std::error_code error;
  const std::filesystem::path folder(options.target);
  target.made = !std::filesystem::exists(folder, error);
  target.fresh =
      target.made || (std::filesystem::is_directory(folder, error) && std::filesystem::is_empty(folder, error));
  // A folder in the way may hold what an exclude or a missing include says is not ours to delete.
  if (options.delete_extra && options.includes.empty() && options.excludes.empty())
    target.in_the_way = InTheWay::replace_with_all;
  target.in_the_way_of_folders = options.overwrite == Overwrite::never ? InTheWay::refuse : target.in_the_way;
  target.dry_run = options.dry_run;
  target.apply.numeric_ids = options.numeric_ids;
  target.apply.on_problem = [&report](const Error& problem) { report.problem({}, problem); };
  if (target.made && options.dry_run) return target;
  if (target.made) {
    std::filesystem::create_directories(folder, error);
    if (error) throw errno_error(error.value(), trf("cannot make the folder {}", options.target));
  }
  target.tree = std::make_unique<SafeTree>(options.target);
  if (const std::optional<FileStat> top = target.tree->stat({})) target.device = top->device;
  return target;
}

std::optional<FileStat> RestoreTarget::present(const std::string& path) const {
  std::optional<FileStat> there = present_at_folder(path);
  const bool gives_way = there && there->is_directory() && in_the_way_of_folders == InTheWay::replace_with_all;
  if (gives_way && leads_elsewhere(path))
    throw Error(ErrorCode::already_exists,
                trf("{} would be replaced, but another file system is mounted there", tree->full_path(path)),
                tr("Unmount it, or restore to another folder."));
  return there;
}

std::optional<FileStat> RestoreTarget::present_at_folder(const std::string& path) const {
  if (fresh) return std::nullopt;
  try {
    return tree->stat(path);
  } catch (const Error& error) {
    // A folder on the way is missing, or something else has its name: a restore would have made it by now.
    const bool made_by_now = error.code() == ErrorCode::not_found ||
                             (error.code() == ErrorCode::io && in_the_way_of_folders != InTheWay::refuse);
    if (!dry_run || !made_by_now) throw;
    return std::nullopt;
  }
}

bool RestoreTarget::holds_repository(const std::string& path) const {
  return repository && (*repository == path || is_below(*repository, path));
}

bool RestoreTarget::is_taken_by_repository(const std::string& path, bool is_folder) const {
  return repository && (*repository == path || is_below(path, *repository) || (!is_folder && holds_repository(path)));
}

// Of files the device says nothing: that of a file in an overlay need not be its folder's.
bool RestoreTarget::is_elsewhere(const FileStat& there) const {
  return there.mounted || (there.is_directory() && there.device != device);
}

bool RestoreTarget::leads_elsewhere(const std::string& path) const {
  const std::optional<FileStat> there = tree->stat(path);
  if (!there || is_elsewhere(*there)) return there.has_value();
  if (!there->is_directory()) return false;
  const std::vector<std::string> names = tree->list_names(path);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return leads_elsewhere(path + "/" + name); });
}

}  // namespace igudar
