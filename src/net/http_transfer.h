#pragma once

#include <curl/curl.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/free_with.h"
#include "concurrency/one_shot.h"
#include "net/http_client.h"

namespace igudar {

using CurlEasy = OwnedBy<CURL, curl_easy_cleanup>;

// The connections of a client, so that small answers come without delay: servers that send an answer's head and body in
// two writes (Ceph's gateway does) hold the second back until the first is acknowledged (Nagle's algorithm), and the
// kernel delays acknowledgements by 40 ms. Used by the thread that drives libcurl only; outlives its connections.
class HttpSockets {
 public:
  static curl_socket_t open(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int close(void* self, curl_socket_t socket);
  void acknowledge_at_once() const;

 private:
  std::vector<int> open_;
};

// One request in libcurl's hands. Between begin() and end() it belongs to the thread that drives the handle; what waits
// for it does so through `outcome`.
class HttpTransfer {
 public:
  // Nothing: response() holds an answer.
  using Outcome = std::optional<Error>;

  HttpTransfer(HttpRequest request, const HttpOptions& options, HttpSockets& sockets);

  // Sets `easy` up for this request.
  void begin(CurlEasy easy);
  CURL* easy() const { return easy_.get(); }
  // What libcurl said about it, told to who waits.
  void end(CURLcode result);
  void end(Error error) { outcome.set(std::move(error)); }
  CurlEasy release() { return std::move(easy_); }

  HttpResponse& response() { return response_; }
  OneShot<Outcome> outcome;

 private:
  static std::size_t receive(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t receive_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t supply(char* to, std::size_t size, std::size_t count, void* self);
  static int rewind(void* self, curl_off_t offset, int origin);
  bool take_body(ByteView part);
  void take_header(std::string_view line);
  Error failure(CURLcode result) const;

  HttpRequest request_;
  const HttpOptions& options_;
  HttpSockets& sockets_;
  std::string shown_url_;
  CurlEasy easy_;
  OwnedBy<curl_slist, curl_slist_free_all> headers_;
  std::array<char, CURL_ERROR_SIZE> problem_{};
  HttpResponse response_;
  std::size_t supplied_ = 0;
};

// Throws when libcurl does not start.
void require_curl();

}  // namespace igudar
