#pragma once

#include <memory>

namespace igudar {

// Owns what a C library hands out, and gives it back with `kFree`.
template <auto kFree>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <typename T, auto kFree>
using OwnedBy = std::unique_ptr<T, FreeWith<kFree>>;

}  // namespace igudar
