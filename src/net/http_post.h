#pragma once

#include <stop_token>
#include <string>

#include "base/bytes.h"
#include "net/http_client.h"

namespace igudar {

struct HttpAnswer {
  std::string content_type;  // as the server says it; may be empty
  Bytes body;
};

// Sends `body` once and returns what the server answers. Thread-safe. Errors are those of `client`, and failed for
// every answer but one with status 200 of at most `largest_answer` bytes. Messages name the URL as public_url() shows
// it.
HttpAnswer post(HttpClient& client, const std::string& url, const std::string& content_type, ByteView body,
                std::size_t largest_answer, std::stop_token stop);

}  // namespace igudar
