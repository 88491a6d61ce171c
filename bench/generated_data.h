#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "format/chunk.h"

namespace igudar::bench {

// Input for the benchmarks, the same in each run. Thread-safe functions.

// Bytes without any structure: what is encrypted or compressed already looks like this.
Bytes random_bytes(std::size_t size, std::uint64_t seed = 1);
// Lines of words that repeat as those of a language do: compresses about four to one.
Bytes generated_text(std::size_t size, std::uint64_t seed = 1);
// Uniformly distributed, not sorted.
std::vector<ChunkId> random_ids(std::size_t count, std::uint64_t seed = 1);

}  // namespace igudar::bench
