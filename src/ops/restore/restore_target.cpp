#include "ops/restore/restore_target.h"

#include <filesystem>

#include "base/translate.h"

namespace igudar {

RestoreTarget open_target(const RestoreOptions& options, RestoreReport& report) {
  if (options.target.empty()) throw Error(ErrorCode::usage, tr("no target folder was given"), tr("Use --target DIR."));
  RestoreTarget target;
  target.folder = options.target;
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
  return target;
}

std::optional<FileStat> RestoreTarget::present(const std::string& path) const {
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

}  // namespace igudar
