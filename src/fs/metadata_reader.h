#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "format/entry.h"
#include "fs/source_directory.h"

namespace igudar {

// Chattr flags (FS_IOC_GETFLAGS) that are kept and set again: those a user can change.
std::uint32_t user_settable_flags(std::uint32_t flags);

// The names of a user and a group id, "" for an id without one. Asked of the system once per id and process.
// Thread-safe.
std::string user_name(std::uint32_t uid);
std::string group_name(std::uint32_t gid);

struct MetadataOptions {
  std::function<bool(std::string_view name)> keep_xattr;  // none: all are kept
  // Told of each part that could not be read; the others are read all the same.
  std::function<void(const Error& error)> on_problem;
};

// Adds to `meta` (from metadata_of()) what a stat does not show: the names of the ids, a symlink's target, extended
// attributes with POSIX ACLs, chattr flags. For new or changed entries: it costs several system calls.
// `open_fd` is the entry's own descriptor where the caller has it open for reading, else -1: a directory is then opened
// here, a file is not (its flags stay 0, its attributes are read by name).
//
// A file system without attributes or flags is not a problem: there are none. Thread-safe.
void complete_metadata(const SourceName& source, int open_fd, const MetadataOptions& options, Metadata& meta);

}  // namespace igudar
