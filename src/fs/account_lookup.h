#pragma once

#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>

namespace igudar {

// Calls one of the C library's get…_r functions for users and groups with a buffer that grows as it asks for, and
// returns what `use` takes from the record (a copy: the record goes); nullopt when there is no such user or group.
// Thread-safe.
template <typename Record, typename Get, typename Use>
auto look_up_account(Get get, Use use) -> std::optional<std::invoke_result_t<Use, const Record&>> {
  constexpr std::size_t kMost = std::size_t{1} << 24;
  std::string buffer(1024, '\0');
  for (;;) {
    Record record;
    Record* found = nullptr;
    const int error = get(&record, buffer.data(), buffer.size(), &found);
    if (error == ERANGE && buffer.size() < kMost) {
      buffer.resize(buffer.size() * 2);
      continue;
    }
    if (error != 0 || found == nullptr) return std::nullopt;
    return use(*found);
  }
}

}  // namespace igudar
