#include "store/s3/open_s3.h"

#include <cstdlib>

#include "base/error.h"
#include "base/translate.h"
#include "net/url.h"
#include "store/bucket/bucket_store.h"
#include "store/s3/s3_service.h"

namespace igudar {

namespace {

constexpr unsigned kPartsAtOnce = 5;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string endpoint_of(const StoreAddress& address, std::string_view& rest) {
  if (address.scheme == "s3") {
    const std::string named = environment("AWS_ENDPOINT_URL_S3");
    const std::string endpoint = named.empty() ? environment("AWS_ENDPOINT_URL") : named;
    return endpoint.empty() ? "" : origin_of(endpoint);
  }
  const std::string host = take_segment(rest);
  if (host.empty())
    throw Error(ErrorCode::usage, tr("the repository's URL names no server"),
                tr("It looks like s3+https://s3.example.org/bucket/prefix"));
  return origin_of(address.scheme.substr(address.scheme.find('+') + 1) + "://" + host);
}

}  // namespace

std::unique_ptr<ObjectStore> open_s3(const StoreAddress& address, const StoreOptions& options) {
  std::string_view rest = authority_and_path(address);
  S3Place place;
  place.endpoint = endpoint_of(address, rest);
  place.bucket = percent_decoded(take_segment(rest));
  if (place.bucket.empty())
    throw Error(ErrorCode::usage, tr("the repository's URL names no bucket"),
                tr("It looks like s3://bucket/prefix or s3+https://s3.example.org/bucket/prefix"));
  place.prefix = percent_decoded(without_slashes_around(rest));
  place.shown = address.scheme + ":" + address.rest;

  HttpOptions http;
  http.ca_file = options.ca_file.empty() ? environment("AWS_CA_BUNDLE") : options.ca_file;
  http.verify_certificates = options.verify_certificates;
  RetryPolicy retry;
  retry.retries = ~0U;  // until the deadline
  return std::make_unique<BucketStore>(std::make_shared<S3Service>(std::move(place), std::move(http), std::move(retry)),
                                       kPartsAtOnce);
}

}  // namespace igudar
