#include "ops/restore/restore_report.h"

#include "base/translate.h"

namespace igudar {

void RestoreReport::problem(std::string_view path, const Error& error) {
  if (error.code() == ErrorCode::interrupted) throw Error(error);
  ++counters_.problems;
  monitor_.problem(path, error);
}

void RestoreReport::lost_copy(const Error& error) {
  if (noted_lost_copy_.exchange(true)) return;
  monitor_.note(
      trf("the repository is damaged ({}); where there is another copy of what is restored, that one is used. "
          "Run `igudar check --read-data`.",
          error.what()));
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
