#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace igudar {

// What AWS Signature Version 4 signs of a request ("Authenticating Requests: Using the Authorization Header", Amazon S3
// API reference; the same in the general AWS reference). All services that speak S3 verify it.
struct RequestToSign {
  std::string method;
  std::string path = "/";                                    // as sent: percent-encoded
  std::vector<std::pair<std::string, std::string>> query{};  // not encoded; in any order
  std::vector<std::pair<std::string, std::string>> headers;  // all that are to be signed, `host` among them
  std::string payload_hash;                                  // SHA-256 in hexadecimal, or "UNSIGNED-PAYLOAD"
};

struct S3SigningKey {
  std::string access_key;
  const SecretBytes& secret;
  std::string region;
  std::string service = "s3";
};

// The value of the Authorization header. `timestamp` is that of x-amz-date. Thread-safe.
std::string signature_v4(const RequestToSign& request, const S3SigningKey& key, const std::string& timestamp);

// "20130524T000000Z". Thread-safe.
std::string signature_timestamp(TimeNs time);
// The query of a URL, as it is signed and sent: sorted and encoded, without "?". Thread-safe.
std::string canonical_query(const std::vector<std::pair<std::string, std::string>>& query);

}  // namespace igudar
