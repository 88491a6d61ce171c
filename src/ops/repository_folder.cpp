#include "ops/repository_folder.h"

#include <algorithm>

#include "repo/repository.h"

namespace igudar {

std::optional<std::filesystem::path> repository_folder(const Repository& repository) {
  std::error_code missing;
  std::filesystem::path folder = std::filesystem::canonical(repository.root().location(), missing);
  if (missing) return std::nullopt;
  return folder;
}

bool is_in_folder(const std::filesystem::path& path, const std::filesystem::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

}  // namespace igudar
