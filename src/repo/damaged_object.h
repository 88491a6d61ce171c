#pragma once

#include "base/error.h"
#include "store/object_store.h"

namespace igudar {

// An object that cannot be used, and why: found damage that does not end an operation.
struct DamagedObject {
  ObjectName name;
  Error error;
};

// Whether an error says that an object itself is at fault, not the storage that it was asked from.
inline bool is_damage(const Error& error) {
  return error.code() == ErrorCode::damaged || error.code() == ErrorCode::truncated ||
         error.code() == ErrorCode::forged;
}

// Whether an error says that what was asked for is lost there: damaged, or gone.
inline bool is_loss(const Error& error) {
  return is_damage(error) || error.code() == ErrorCode::not_found;
}

}  // namespace igudar
