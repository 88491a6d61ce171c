#pragma once

#include "base/bytes.h"

namespace igudar::testing {

// Bytes that vary, the same for a size each time.
inline Bytes counted_bytes(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  return bytes;
}

}  // namespace igudar::testing
