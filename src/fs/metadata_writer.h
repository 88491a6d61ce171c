#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "format/entry.h"
#include "fs/safe_tree.h"

namespace igudar {

// True when this process may give files away (CAP_CHOWN).
bool can_change_owners();

struct ApplyOptions {
  bool owners = can_change_owners();
  bool numeric_ids = false;  // else a user or group of the same name is preferred to the id
  bool xattrs = true;        // ACLs are among them
  bool flags = true;
  bool times = true;
  // Told of each part that could not be set; the others are set all the same.
  std::function<void(const Error& error)> on_problem = {};
};

// Gives the entry `path` of `tree` ("": the target itself) what `meta` says: owner, attributes, mode, ACLs, times,
// then chattr flags, since an immutable file takes no more changes: one that is right already is left as it is. Setuid
// and setgid are set only where the owner they speak for is right. ACLs and user attributes that `meta` lacks are
// removed. `open_fd`: the entry's own descriptor where the caller has it open for reading or writing, else -1. Call it
// on a directory after all is in it.
//
// Thread safety: may be called concurrently, on different entries.
void apply_metadata(SafeTree& tree, const std::string& path, int open_fd, const Metadata& meta,
                    const ApplyOptions& options);

// Whether the file or directory that is open as `fd` already has all that apply_metadata would give it, and is not
// immutable or append-only unless `meta` says so. False where that cannot be told. Thread-safe.
bool has_metadata(int fd, const Metadata& meta, const ApplyOptions& options);

}  // namespace igudar
