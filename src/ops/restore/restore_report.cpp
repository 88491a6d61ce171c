#include "ops/restore/restore_report.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/translate.h"

namespace igudar {

void RestoreReport::problem(std::string_view path, const Error& error) {
  if (error.code() == ErrorCode::interrupted) throw Error(error);
  ++counters_.problems;
  failed_.with([&](std::set<std::string>& failed) { failed.emplace(path); });
  monitor_.problem(path, error);
}

void RestoreReport::lost_copy(const Error& error) {
  if (noted_lost_copy_.exchange(true)) return;
  monitor_.note(
      trf("the repository is damaged ({}); where there is another copy of what is restored, that one is used. "
          "Run 'igudar check --read-data'.",
          error.what()));
}

bool RestoreReport::has_failed(const std::string& path) const {
  return failed_.with([&](const std::set<std::string>& failed) { return failed.contains(path); });
}

void RestoreReport::note_left(const std::string& path) {
  left_.with([&](Left& left) {
    left.hashes.push_back(std::hash<std::string>()(path));
    left.sorted = false;
  });
}

bool RestoreReport::was_left(const std::string& path) {
  return left_.with([&](Left& left) {
    if (!std::exchange(left.sorted, true)) std::sort(left.hashes.begin(), left.hashes.end());
    return std::binary_search(left.hashes.begin(), left.hashes.end(), std::hash<std::string>()(path));
  });
}

RestoreSummary RestoreReport::summary() const {
  RestoreSummary summary;
  summary.files = counters_.files;
  summary.files_unchanged = counters_.files_unchanged;
  summary.files_skipped = counters_.files_skipped;
  summary.directories = counters_.directories;
  summary.other_entries = counters_.other_entries;
  summary.bytes_written = counters_.bytes_written;
  summary.bytes_verified = counters_.bytes_verified;
  summary.deleted = counters_.deleted;
  summary.problems = counters_.problems;
  return summary;
}

}  // namespace igudar
