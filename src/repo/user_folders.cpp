#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "repo/repository.h"

namespace igudar {

namespace {

std::filesystem::path home_folder() {
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') return home;
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr && entry->pw_dir != nullptr ? entry->pw_dir : "/";
}

// The XDG base directory specification: a variable that is not an absolute path counts as unset.
std::filesystem::path base_folder(const char* variable, const char* below_home) {
  if (const char* value = std::getenv(variable); value != nullptr && *value == '/') return value;
  return home_folder() / below_home;
}

}  // namespace

UserFolders UserFolders::from_environment() {
  return {base_folder("XDG_CACHE_HOME", ".cache") / "igudar", base_folder("XDG_STATE_HOME", ".local/state") / "igudar"};
}

}  // namespace igudar
