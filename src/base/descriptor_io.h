#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace igudar {

// Reads and writes that go on after interruptions and short transfers. Each returns 0 or an errno value, so that the
// caller can say to whom it happened. Thread-safe.

int write_fully(int fd, ByteView bytes);
int write_fully_at(int fd, std::uint64_t offset, ByteView bytes);
// `done` falls short of out.size() only on errors and at the end of the file.
int read_fully_at(int fd, std::uint64_t offset, MutableByteView out, std::size_t& done);
// Appends all that is left to read. EINTR is returned: whoever waits at a terminal can be interrupted.
int read_to_end(int fd, std::string& content);

}  // namespace igudar
