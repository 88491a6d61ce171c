#pragma once

#include "base/error.h"
#include "store/object_store.h"

namespace igudar {

// An object that cannot be used, and why: found damage that does not end an operation.
struct DamagedObject {
  ObjectName name;
  Error error;
};

}  // namespace igudar
