#include "net/http_transfer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "base/translate.h"
#include "net/url.h"

namespace igudar {

namespace {

constexpr std::size_t kMostErrorBody = 64 << 10;
constexpr std::size_t kMostHeaders = 200;
// A pack's part passes in few system calls; larger buffers gain nothing that was measured.
constexpr long kReceiveBuffer = 256 << 10;
constexpr long kSendBuffer = 512 << 10;

template <typename T>
void set(const CurlEasy& easy, CURLoption option, T value) {
  const CURLcode result = curl_easy_setopt(easy.get(), option, value);
  if (result == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (result != CURLE_OK)
    throw Error(ErrorCode::unsupported,
                trf("the HTTP library of this system cannot do what is needed: {}", curl_easy_strerror(result)));
}

void add(OwnedBy<curl_slist, curl_slist_free_all>& list, const std::string& line) {
  if (line.find_first_of("\r\n") != line.npos) throw Error(ErrorCode::failed, tr("a line break is in an HTTP header"));
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)list.release();
  list.reset(longer);
}

// What another attempt will not change.
bool is_permanent(CURLcode result) {
  switch (result) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_OUT_OF_MEMORY:
      return true;
    default:
      return false;
  }
}

}  // namespace

void require_curl() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK)
    throw Error(ErrorCode::failed,
                trf("the HTTP library of this system does not start: {}", curl_easy_strerror(ready)));
}

curl_socket_t HttpSockets::open(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
  const int opened = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (opened >= 0) static_cast<HttpSockets*>(self)->open_.push_back(opened);
  return opened < 0 ? CURL_SOCKET_BAD : opened;
}

int HttpSockets::close(void* self, curl_socket_t socket) {
  std::erase(static_cast<HttpSockets*>(self)->open_, socket);
  return ::close(socket);
}

// Of all, since libcurl does not say which connection a transfer under way is on: a few system calls for each answer.
void HttpSockets::acknowledge_at_once() const {
  const int yes = 1;
  for (const int socket : open_) (void)::setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof yes);
}

HttpTransfer::HttpTransfer(HttpRequest request, const HttpOptions& options, HttpSockets& sockets)
    : request_(std::move(request)), options_(options), sockets_(sockets), shown_url_(public_url(request_.url)) {
  for (const HttpHeader& header : request_.headers)
    add(headers_, header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  // Waiting for "100 Continue" costs a round trip for each part of a pack.
  add(headers_, "Expect:");
}

void HttpTransfer::begin(CurlEasy easy) {
  easy_ = std::move(easy);
  curl_easy_reset(easy_.get());
  set(easy_, CURLOPT_PRIVATE, static_cast<void*>(this));
  set(easy_, CURLOPT_ERRORBUFFER, problem_.data());
  set(easy_, CURLOPT_URL, request_.url.c_str());
  set(easy_, CURLOPT_PATH_AS_IS, 1L);  // a key may hold what looks like ".."; what is signed is what is sent
  set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(easy_, CURLOPT_SSL_VERIFYPEER, options_.verify_certificates ? 1L : 0L);
  set(easy_, CURLOPT_SSL_VERIFYHOST, options_.verify_certificates ? 2L : 0L);
  if (!options_.ca_file.empty()) set(easy_, CURLOPT_CAINFO, options_.ca_file.c_str());
  set(easy_, CURLOPT_NOSIGNAL, 1L);
  set(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect.count()));
  set(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.whole.count()));
  set(easy_, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(easy_, CURLOPT_LOW_SPEED_TIME,
      static_cast<long>(std::chrono::ceil<std::chrono::seconds>(options_.stall).count()));
  set(easy_, CURLOPT_OPENSOCKETFUNCTION, &HttpSockets::open);
  set(easy_, CURLOPT_OPENSOCKETDATA, static_cast<void*>(&sockets_));
  set(easy_, CURLOPT_CLOSESOCKETFUNCTION, &HttpSockets::close);
  set(easy_, CURLOPT_CLOSESOCKETDATA, static_cast<void*>(&sockets_));
  set(easy_, CURLOPT_BUFFERSIZE, kReceiveBuffer);
  set(easy_, CURLOPT_HTTPHEADER, headers_.get());
  set(easy_, CURLOPT_WRITEFUNCTION, &receive);
  set(easy_, CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(easy_, CURLOPT_HEADERFUNCTION, &receive_header);
  set(easy_, CURLOPT_HEADERDATA, static_cast<void*>(this));
  if (request_.method == "HEAD") {
    set(easy_, CURLOPT_NOBODY, 1L);
  } else if (request_.method != "GET") {
    set(easy_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
  if (request_.method == "PUT" || request_.method == "POST" || !request_.body.empty()) {
    set(easy_, CURLOPT_UPLOAD, 1L);
    set(easy_, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    set(easy_, CURLOPT_UPLOAD_BUFFERSIZE, kSendBuffer);
    set(easy_, CURLOPT_READFUNCTION, &supply);
    set(easy_, CURLOPT_READDATA, static_cast<void*>(this));
    set(easy_, CURLOPT_SEEKFUNCTION, &rewind);
    set(easy_, CURLOPT_SEEKDATA, static_cast<void*>(this));
  }
}

std::size_t HttpTransfer::supply(char* to, std::size_t size, std::size_t count, void* self) {
  HttpTransfer& transfer = *static_cast<HttpTransfer*>(self);
  const ByteView left = transfer.request_.body.subspan(transfer.supplied_);
  const std::size_t taken = std::min(size * count, left.size());
  if (taken > 0) std::memcpy(to, left.data(), taken);
  transfer.supplied_ += taken;
  return taken;
}

// A connection that had been kept may turn out to be closed: libcurl sends the body anew over another.
int HttpTransfer::rewind(void* self, curl_off_t offset, int origin) {
  HttpTransfer& transfer = *static_cast<HttpTransfer*>(self);
  if (origin != SEEK_SET || offset < 0 || static_cast<std::size_t>(offset) > transfer.request_.body.size())
    return CURL_SEEKFUNC_FAIL;
  transfer.supplied_ = static_cast<std::size_t>(offset);
  transfer.response_.resent = true;
  return CURL_SEEKFUNC_OK;
}

std::size_t HttpTransfer::receive(char* data, std::size_t size, std::size_t count, void* self) {
  const ByteView part(reinterpret_cast<const std::uint8_t*>(data), size * count);
  try {
    return static_cast<HttpTransfer*>(self)->take_body(part) ? part.size() : 0;
  } catch (const std::bad_alloc&) {
    return 0;  // no exception may pass through libcurl; the transfer fails
  }
}

std::size_t HttpTransfer::receive_header(char* data, std::size_t size, std::size_t count, void* self) {
  const std::size_t bytes = size * count;
  try {
    static_cast<HttpTransfer*>(self)->take_header({data, bytes});
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return bytes;
}

void HttpTransfer::take_header(std::string_view line) {
  if (line == "\r\n") return sockets_.acknowledge_at_once();
  if (line.starts_with("HTTP/")) {  // of the answer itself, after "100 Continue" or what a proxy said
    response_.headers.clear();
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == line.npos || response_.headers.size() == kMostHeaders) return;
  std::string name(line.substr(0, colon));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  std::string_view value = line.substr(colon + 1);
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!value.empty() && is_space(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_space(value.back())) value.remove_suffix(1);
  response_.headers.push_back({std::move(name), std::string(value)});
}

bool HttpTransfer::take_body(ByteView part) {
  if (response_.status == 0) {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
  }
  if (!response_.success()) {
    append(response_.body, part.first(std::min(part.size(), kMostErrorBody - response_.body.size())));
    return true;
  }
  const std::size_t room =
      (request_.into.empty() ? request_.largest_answer : request_.into.size()) - response_.received;
  if (part.size() > room) {
    response_.too_long = true;
    return false;
  }
  if (!request_.into.empty()) {
    std::memcpy(request_.into.data() + response_.received, part.data(), part.size());
  } else {
    if (response_.body.empty()) {
      curl_off_t length = -1;
      curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
      if (length > 0) response_.body.reserve(std::min(static_cast<std::size_t>(length), request_.largest_answer));
    }
    append(response_.body, part);
  }
  response_.received += part.size();
  return true;
}

void HttpTransfer::end(CURLcode result) {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  // A server that refuses may close the connection before it has read the whole request, or in the middle of saying
  // why.
  const bool refused = status >= 400 && (result == CURLE_SEND_ERROR || result == CURLE_RECV_ERROR ||
                                         result == CURLE_PARTIAL_FILE || result == CURLE_GOT_NOTHING);
  if (result == CURLE_OK || refused || response_.too_long)
    outcome.set(std::nullopt);
  else
    outcome.set(failure(result));
}

Error HttpTransfer::failure(CURLcode result) const {
  const char* reason = problem_[0] != '\0' ? problem_.data() : curl_easy_strerror(result);
  if (result == CURLE_PEER_FAILED_VERIFICATION)
    return {ErrorCode::io, trf("{} is not who it should be: {}", shown_url_, reason), options_.untrusted_hint};
  Error error(ErrorCode::io, trf("{} gives no answer: {}", shown_url_, reason));
  if (result == CURLE_COULDNT_RESOLVE_HOST) error.with_hint(tr("Look at the host's name, and at the network."));
  if (result == CURLE_COULDNT_CONNECT)
    error.with_hint(tr("Look at the port, the firewall, and whether the server runs."));
  if (!is_permanent(result)) error.as_retryable();
  return error;
}

}  // namespace igudar
