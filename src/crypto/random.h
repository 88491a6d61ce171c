#pragma once

#include "base/bytes.h"

namespace igudar {

// Fills `out` from the system's cryptographic generator. Thread-safe. Throws Error(failed) when there is no entropy.
void fill_random(MutableByteView out);

template <std::size_t N>
FixedId<N> random_id() {
  FixedId<N> id;
  fill_random(id.bytes);
  return id;
}

}  // namespace igudar
