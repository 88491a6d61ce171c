#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace igudar {

// System calls on files and folders, with their interruptions dealt with. Each returns 0 or an errno value, so that
// the caller can say to whom it happened. Thread-safe.

// Opens `name` in the folder `folder_fd`; symbolic links are not followed, the descriptor is closed on exec.
int open_in(int folder_fd, const std::string& name, int flags, unsigned mode, UniqueFd& opened);
// Opens a folder below `folder_fd`.
int open_folder_in(int folder_fd, const std::string& name, UniqueFd& opened);
// Opens `name` for reading. ENOTSUP when it is anything but a regular file.
int open_regular_in(int folder_fd, const std::string& name, UniqueFd& opened, std::uint64_t& size);

// The content, and what is needed to find it, is on stable storage.
int sync_content(int fd);
// The names in a folder are on stable storage. File systems that cannot sync folders are taken at their word.
int sync_folder(int folder_fd);

// The names in a folder except "." and "..", in no order.
int list_names(int folder_fd, std::vector<std::string>& names);

// Moves `from` to a name that must be free: EEXIST otherwise, also between two processes at once. EOPNOTSUPP when the
// file system can do that neither by rename nor by link.
int move_without_replacing(int from_folder, const std::string& from, int to_folder, const std::string& to);

// The way of the above for file systems that cannot rename without replacing: a second name, then the first removed.
int move_by_link(int from_folder, const std::string& from, int to_folder, const std::string& to);

// 64 random bits in hexadecimal: unguessable enough for temporary names.
std::string random_name();

}  // namespace igudar
