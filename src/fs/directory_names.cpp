#include "fs/directory_names.h"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace igudar {

namespace {

// struct linux_dirent64, getdents64(2).
struct DirentHead {
  std::uint64_t inode;
  std::int64_t offset;
  unsigned short record_length;
  unsigned char type;
  // the name follows
} __attribute__((packed));

bool is_dot(std::string_view name) {
  return name == "." || name == "..";
}

}  // namespace

int read_names(int directory_fd, DirectoryNames& into) {
  int error = 0;
  alignas(std::uint64_t) char buffer[32 * 1024];
  for (;;) {
    const long got = ::syscall(SYS_getdents64, directory_fd, buffer, sizeof buffer);
    if (got < 0) error = errno;
    if (got <= 0) break;
    for (const char* p = buffer; p < buffer + got;) {
      DirentHead head;
      std::memcpy(&head, p, sizeof head);
      const std::string_view name(p + sizeof head);
      if (!is_dot(name)) {
        into.names.push_back({head.inode, static_cast<std::uint32_t>(into.text.size()),
                              static_cast<std::uint32_t>(name.size()), head.type});
        into.text.append(name.data(), name.size() + 1);
      }
      p += head.record_length;
    }
  }
  std::sort(into.names.begin(), into.names.end(),
            [&](const auto& a, const auto& b) { return into.view(a) < into.view(b); });
  return error;
}

}  // namespace igudar
