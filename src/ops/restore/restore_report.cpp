#include "ops/restore/restore_report.h"

namespace igudar {

void RestoreReport::problem(std::string_view path, const Error& error) {
  if (error.code() == ErrorCode::interrupted) throw Error(error);
  ++counters_.problems;
  monitor_.problem(path, error);
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
