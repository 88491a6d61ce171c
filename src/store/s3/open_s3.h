#pragma once

#include <memory>

#include "store/object_store.h"
#include "store/store_address.h"
#include "store/store_options.h"

namespace igudar {

// The store at s3://BUCKET/PREFIX (Amazon's; AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL name another endpoint), or at
// s3+https://ENDPOINT/BUCKET/PREFIX, s3+http://… Touches nothing yet. Throws Error(usage) for what is no such URL.
std::unique_ptr<ObjectStore> open_s3(const StoreAddress& address, const StoreOptions& options);

}  // namespace igudar
