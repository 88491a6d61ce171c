#include "store/azure/open_azure.h"

#include "base/error.h"
#include "base/translate.h"
#include "store/azure/azure_service.h"
#include "store/bucket/bucket_store.h"

namespace igudar {

namespace {

constexpr unsigned kPartsAtOnce = 5;

}  // namespace

std::unique_ptr<ObjectStore> open_azure(const StoreAddress& address, const StoreOptions& options) {
  if (address.rest.find('?') != address.rest.npos)
    throw Error(ErrorCode::usage, tr("the repository's URL holds a “?”, after which secrets are written for Azure"),
                tr("Put a SAS token into AZURE_STORAGE_SAS_TOKEN; a “?” in a name is written “%3F”."));
  std::string_view rest = authority_and_path(address);
  AzurePlace place;
  place.account = take_segment(rest);
  place.container = percent_decoded(take_segment(rest));
  if (place.account.empty() || place.container.empty())
    throw Error(ErrorCode::usage, tr("the repository's URL names no storage account and container"),
                tr("It looks like azure://account/container/prefix"));
  place.prefix = percent_decoded(without_slashes_around(rest));
  place.shown = address.scheme + ":" + address.rest;

  AzureCredentials credentials = find_azure_credentials(place.account);
  HttpOptions http;
  http.ca_file = options.ca_file;
  http.verify_certificates = options.verify_certificates;
  RetryPolicy retry;
  retry.retries = ~0U;  // until the deadline
  return std::make_unique<BucketStore>(
      std::make_shared<AzureService>(std::move(place), std::move(credentials), std::move(http), std::move(retry)),
      kPartsAtOnce);
}

}  // namespace igudar
