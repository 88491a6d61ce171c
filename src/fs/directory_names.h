#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace igudar {

// The names of one directory, as getdents64 gives them, without "." and "..".
struct DirectoryNames {
  struct Name {
    std::uint64_t inode = 0;
    std::uint32_t at = 0;  // in `text`, where a NUL ends it
    std::uint32_t length = 0;
    std::uint8_t type = 0;  // DT_*; DT_UNKNOWN on file systems that do not tell
  };
  std::vector<Name> names;
  std::string text;

  const char* c_str(const Name& name) const { return text.data() + name.at; }
  std::string_view view(const Name& name) const { return {text.data() + name.at, name.length}; }
};

// Reads them all and sorts them by name, bytewise. Returns 0, or the errno at which reading ended: what came before is
// kept.
int read_names(int directory_fd, DirectoryNames& into);

}  // namespace igudar
