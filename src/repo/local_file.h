#pragma once

#include <filesystem>
#include <optional>

#include "base/bytes.h"

namespace igudar {

// Files that this machine may lose. Thread-safe functions; failures are answers, not errors.

// Makes a folder with all that leads to it, its own mode 0700 whatever the umask.
void make_private_folder(const std::filesystem::path& folder);

// The content; nullopt when there is none that can be read.
std::optional<Bytes> read_local_file(const std::filesystem::path& path);
// Replaces a file as a whole, mode 0600: readers see the old content or the new one, never a mixture; after a crash of
// the machine it may be empty. False when that failed.
bool replace_local_file(const std::filesystem::path& path, ByteView content);

}  // namespace igudar
