#pragma once

#include "ops/list/list.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// What is shown of a snapshot's record. Without capability full host, user, paths and tags are empty. Thread-safe.
SnapshotInfo info_of(const CataloguedSnapshot& snapshot);

}  // namespace igudar
