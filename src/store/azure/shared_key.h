#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "net/http_client.h"

namespace igudar {

// What Azure's Shared Key signs of a request to the Blob service ("Authorize with Shared Key", Azure Storage REST API
// reference, for version 2015-02-21 and later).
struct SharedKeyRequest {
  std::string method;
  std::string path = "/";                                    // as sent: percent-encoded
  std::vector<std::pair<std::string, std::string>> query{};  // not encoded; in any order
  std::vector<HttpHeader> headers;                           // all but Content-Length; x-ms-date among them
  std::size_t content_length = 0;
};

// All functions here may be called concurrently.

std::string string_to_sign(const SharedKeyRequest& request, const std::string& account);
// The value of the Authorization header. `key` is the account's, decoded.
std::string shared_key_authorization(const SharedKeyRequest& request, const std::string& account,
                                     const SecretBytes& key);

}  // namespace igudar
