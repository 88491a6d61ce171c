#pragma once

#include <memory>

#include "store/object_store.h"
#include "store/store_address.h"
#include "store/store_options.h"

namespace igudar {

// The store at azure://ACCOUNT/CONTAINER/PREFIX. Asks nothing yet. Throws Error(usage) for what is no such URL, and as
// find_azure_credentials() does.
std::unique_ptr<ObjectStore> open_azure(const StoreAddress& address, const StoreOptions& options);

}  // namespace igudar
