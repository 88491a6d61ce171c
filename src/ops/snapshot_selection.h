#pragma once

#include <string>
#include <utility>

#include "ops/snapshot_filter.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

// A path given by the user as snapshots record it: absolute, without "." and "..", symlinks not resolved.
// Throws usage for an empty one.
std::string recorded_path(const std::string& path);

bool matches(const CataloguedSnapshot& snapshot, const SnapshotFilter& filter);

// "ID" or "latest", each with an optional ":PATH": the two parts.
std::pair<std::string, std::string> split_snapshot_argument(const std::string& argument);

// The snapshot that "latest" (with the filter) or an id prefix means. Throws not_found with a hint, usage when the
// prefix is ambiguous.
const CataloguedSnapshot& select_snapshot(const SnapshotCatalogue& catalogue, const std::string& id,
                                          const SnapshotFilter& filter);

}  // namespace igudar
