#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igudar {

using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

inline ByteView view_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes copy_of(ByteView bytes) {
  return Bytes(bytes.begin(), bytes.end());
}
inline void append(Bytes& to, ByteView what) {
  to.insert(to.end(), what.begin(), what.end());
}
inline bool equal(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

inline bool all_zero(ByteView bytes) {
  return bytes.empty() || (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

// An identifier of N raw bytes: ordered, hashable by its first bytes (ids are uniformly distributed).
template <std::size_t N>
struct FixedId {
  std::array<std::uint8_t, N> bytes{};

  static constexpr std::size_t kSize = N;
  static FixedId from(ByteView source) {  // precondition: source.size() == N
    FixedId id;
    std::memcpy(id.bytes.data(), source.data(), N);
    return id;
  }
  ByteView view() const { return bytes; }
  auto operator<=>(const FixedId&) const = default;
  std::uint64_t prefix() const {
    std::uint64_t p;
    std::memcpy(&p, bytes.data(), sizeof p);
    return p;
  }
};

using Id16 = FixedId<16>;
using Id32 = FixedId<32>;

}  // namespace igudar

template <std::size_t N>
struct std::hash<igudar::FixedId<N>> {
  std::size_t operator()(const igudar::FixedId<N>& id) const noexcept { return id.prefix(); }
};
