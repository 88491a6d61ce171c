#pragma once

#include <memory>
#include <string>

#include "fs/metadata_writer.h"
#include "ops/restore/restore_report.h"

namespace igudar {

// The folder that a restore writes into, and what becomes of what is there.
//
// Thread safety: const once opened, but for the tree, which may be used concurrently.
struct RestoreTarget {
  std::string folder;
  bool made = false;   // by this restore
  bool fresh = false;  // nothing was there: no need to look for existing files
  InTheWay in_the_way = InTheWay::replace;
  ApplyOptions apply;
  std::unique_ptr<SafeTree> tree;  // none in a dry run that would make it
};

// Makes the folder when it is missing, but not in a dry run. Throws usage when the options name none.
RestoreTarget open_target(const RestoreOptions& options, RestoreReport& report);

}  // namespace igudar
