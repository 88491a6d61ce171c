#pragma once

#include "ops/restore/restore_job.h"

namespace igudar {

// --verify: reads the files back that were restored or are said to be equal, on all processors, and compares their
// sizes and the ids of their chunks with the snapshot. What differs is reported. Throws what reading the snapshot's
// tree does.
void verify_restored(const RestoreJob& job, const std::stop_token& stop);

}  // namespace igudar
