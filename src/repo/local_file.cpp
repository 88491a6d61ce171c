#include "repo/local_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/descriptor_io.h"
#include "base/unique_fd.h"

namespace igudar {

void make_private_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);
}

std::optional<Bytes> read_local_file(const std::filesystem::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file.valid() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  Bytes content(static_cast<std::size_t>(info.st_size));
  std::size_t filled = 0;
  if (read_fully_at(file.get(), 0, content, filled) != 0 || filled < content.size()) return std::nullopt;
  return content;
}

bool replace_local_file(const std::filesystem::path& path, ByteView content) {
  std::string temporary = path.string() + ".XXXXXX";
  UniqueFd file(::mkostemp(temporary.data(), O_CLOEXEC));  // made with mode 0600
  if (!file.valid()) return false;
  if (write_fully(file.get(), content) == 0 && ::rename(temporary.c_str(), path.c_str()) == 0) return true;
  ::unlink(temporary.c_str());
  return false;
}

}  // namespace igudar
