#pragma once

#include "ops/restore/restore_source.h"
#include "ops/restore/restore_target.h"

namespace igudar {

// What all stages of one restore share. Thread safety: that of its parts.
struct RestoreJob {
  const RestoreOptions& options;
  const RestoreSource& source;
  const RestoreTarget& target;
  RestoreReport& report;
};

}  // namespace igudar
