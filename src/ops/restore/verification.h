#pragma once

#include "ops/restore/restore_job.h"

namespace igudar {

// --verify: reads the restored files back, on all processors, and compares their sizes and the ids of their chunks with
// the snapshot. What differs is reported. Throws what reading the snapshot's tree does.
void verify_restored(const RestoreJob& job, const std::stop_token& stop);

}  // namespace igudar
