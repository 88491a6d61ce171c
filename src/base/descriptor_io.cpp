#include "base/descriptor_io.h"

#include <unistd.h>

#include <cerrno>

namespace igudar {

namespace {

// write_some(rest) is ::write of it, or the like.
template <typename WriteSome>
int write_all(ByteView bytes, WriteSome&& write_some) {
  while (!bytes.empty()) {
    const ssize_t written = write_some(bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return EIO;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

int write_fully(int fd, ByteView bytes) {
  return write_all(bytes, [&](ByteView rest) { return ::write(fd, rest.data(), rest.size()); });
}

int write_fully_at(int fd, std::uint64_t offset, ByteView bytes) {
  return write_all(bytes, [&](ByteView rest) {
    const std::uint64_t at = offset + (bytes.size() - rest.size());
    return ::pwrite(fd, rest.data(), rest.size(), static_cast<off_t>(at));
  });
}

int read_fully_at(int fd, std::uint64_t offset, MutableByteView out, std::size_t& done) {
  done = 0;
  while (done < out.size()) {
    const ssize_t got = ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return 0;
    done += static_cast<std::size_t>(got);
  }
  return 0;
}

int read_to_end(int fd, std::string& content) {
  constexpr std::size_t kStep = 64 * 1024;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(before + kStep);
    const ssize_t got = ::read(fd, content.data() + before, kStep);
    const int error = got < 0 ? errno : 0;
    content.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got <= 0) return error;
  }
}

}  // namespace igudar
