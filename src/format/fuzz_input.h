#pragma once

#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "base/error.h"

namespace igudar::fuzz {

// Gives hostile input to a decoder: it may refuse it with an Error, and may do nothing else wrong.
template <typename Decode>
int run(const std::uint8_t* data, std::size_t size, Decode&& decode) {
  try {
    decode(ByteView(data, size));
  } catch (const Error&) {
  }
  return 0;
}

inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace igudar::fuzz
