#pragma once

#include <memory>

#include "store/nfs/nfs_files.h"
#include "store/object_store.h"
#include "store/store_address.h"
#include "store/store_options.h"

namespace igudar {

// What the environment says of NFS: IGUDAR_NFS_CONNECTIONS. Throws usage for a number that is none.
NfsOptions nfs_options_from_environment();

// The store at nfs://HOST/PATH, in a RetryingStore. Touches nothing yet. Throws usage.
std::unique_ptr<ObjectStore> open_nfs(const StoreAddress& address, const StoreOptions& options);

}  // namespace igudar
