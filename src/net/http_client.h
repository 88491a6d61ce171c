#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "base/bytes.h"

namespace igudar {

// A URL as it may be shown and stored: of http: or https:, without user, password, query and fragment, which may hold
// secrets. Throws usage for what is no such URL.
std::string public_url(const std::string& url);

struct HttpLimits {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds whole{30'000};  // from the beginning to the answer's last byte
  std::size_t largest_answer = 64 << 10;
};

struct HttpAnswer {
  std::string content_type;  // as the server says it; may be empty
  Bytes body;
};

// Asks servers over HTTP and HTTPS, by libcurl. Certificates of servers are always verified, by those that the system
// trusts; redirects are not followed; the proxies that the environment names are used (http_proxy, https_proxy,
// all_proxy, no_proxy).
//
// Thread safety: none, but different clients may be used at once.
// Errors: usage for a bad URL; io for a server that cannot be reached, is too slow or not the one it should be; failed
// for every answer but one with status 200 of an allowed length; interrupted when stopped. Messages name the URL as
// public_url() shows it.
class HttpClient {
 public:
  explicit HttpClient(HttpLimits limits = {}) : limits_(limits) {}

  // Sends `body` and returns what the server answers.
  HttpAnswer post(const std::string& url, const std::string& content_type, ByteView body, std::stop_token stop) const;

 private:
  HttpLimits limits_;
};

}  // namespace igudar
