#pragma once

#include <filesystem>
#include <optional>

namespace igudar {

class Repository;

// The canonical path of the folder that holds the repository; nullopt when it is not in a folder of this machine. A
// backup does not read it, and a restore neither writes into it nor removes it. Thread-safe.
std::optional<std::filesystem::path> repository_folder(const Repository& repository);

// Whether `path` is `folder` or lies in it; both canonical.
bool is_in_folder(const std::filesystem::path& path, const std::filesystem::path& folder);

}  // namespace igudar
