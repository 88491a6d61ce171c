#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace igudar {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url{};                  // of http: or https:
  std::vector<HttpHeader> headers{};  // Host, Content-Length and the like are added
  ByteView body{};                    // stays where it is until the exchange has ended
  // Where the body of a successful answer (2xx) goes; into HttpResponse::body when empty.
  MutableByteView into{};
  std::size_t largest_answer = 64 << 10;  // for bodies that do not go to `into`
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;  // names in lower case
  Bytes body;                       // of an answer that is no success: its first 64 KiB
  std::size_t received = 0;         // bytes of a success's body, wherever they went
  // The body was sent more than once: the first time on a kept connection that ended without an answer.
  bool resent = false;
  bool too_long = false;  // a success's body is longer than there is room for, and was broken off

  bool success() const { return status >= 200 && status < 300; }
  // The first header of that name (lower case); nullptr when there is none.
  const std::string* header(std::string_view name) const;
};

struct HttpOptions {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds stall{60'000};  // with no byte either way
  std::chrono::milliseconds whole{0};       // from the beginning to the answer's last byte; 0: as long as bytes move
  std::string ca_file{};                    // PEM, instead of what the system trusts; empty: the system's
  bool verify_certificates = true;
  std::string untrusted_hint{};  // what to do about a server whose certificate is not to be trusted
  unsigned connections = 16;     // to a host at a time; more requests wait for their turn
};

class HttpClient;

// A request under way. Destroyed before it has ended, it is given up: its buffers are not touched after that.
// Not thread-safe; ends before its client does.
class HttpExchange {
 public:
  HttpExchange(HttpExchange&&) noexcept;
  HttpExchange& operator=(HttpExchange&&) noexcept;
  ~HttpExchange();

  // The answer, whatever its status. Once only. Throws io when there is none, retryable where another attempt may fare
  // better; interrupted when stopped.
  HttpResponse wait(std::stop_token stop);

 private:
  friend class HttpClient;
  struct State;
  explicit HttpExchange(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// Asks servers over HTTP and HTTPS, any number of requests at a time, on connections that are kept and used again
// (HTTP/2 where it is offered), by libcurl's multi interface on a thread of its own. Certificates of servers are
// verified; redirects are not followed; the proxies that the environment names are used (http_proxy, https_proxy,
// all_proxy, no_proxy). Requests are not repeated here.
//
// Thread safety: every method may be called concurrently.
// Errors: as HttpExchange says; usage for a URL of another kind. Messages name the server, never the query.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options = {});
  ~HttpClient();

  HttpExchange start(HttpRequest request);
  // start() and wait().
  HttpResponse send(HttpRequest request, std::stop_token stop);

 private:
  friend class HttpExchange;
  class Engine;

  std::shared_ptr<Engine> engine_;
};

}  // namespace igudar
