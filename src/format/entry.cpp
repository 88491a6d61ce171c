#include "format/entry.h"

#include <algorithm>

namespace igudar {

namespace {

// '/' ends a component, so it sorts before every byte that a name can hold (a name never holds NUL).
int rank_of(char c) {
  return c == '/' ? 0 : static_cast<unsigned char>(c);
}

}  // namespace

std::strong_ordering compare_paths(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  const auto [at_a, at_b] = std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin());
  if (at_a == a.begin() + static_cast<std::ptrdiff_t>(common)) return a.size() <=> b.size();
  return rank_of(*at_a) <=> rank_of(*at_b);
}

}  // namespace igudar
