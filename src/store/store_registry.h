#pragma once

#include <memory>
#include <string>

#include "store/object_store.h"
#include "store/store_address.h"
#include "store/store_options.h"

namespace igudar {

// The store at a path, at "file:PATH", "file:///PATH" (percent-encoded), or at a URL of one of the other kinds of
// storage that docs/storage.md tells of. Touches nothing yet. Throws Error(usage), naming the schemes there are, when
// this one is not known.
std::unique_ptr<ObjectStore> open_store(const std::string& location, const StoreOptions& options = {});

}  // namespace igudar
