#include "net/http_client.h"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <new>
#include <span>

#include "base/error.h"
#include "base/free_with.h"
#include "base/translate.h"

namespace igudar {

namespace {

using Transfer = OwnedBy<CURL, curl_easy_cleanup>;
using Headers = OwnedBy<curl_slist, curl_slist_free_all>;
using Url = OwnedBy<CURLU, curl_url_cleanup>;
using Text = OwnedBy<char, curl_free>;

constexpr long kOk = 200;

void require_library() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK)
    throw Error(ErrorCode::failed,
                trf("the HTTP library of this system does not start: {}", curl_easy_strerror(ready)));
}

std::string part_of(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return {};
  return Text(text).get();
}

// What the library's callbacks work on; they must not throw.
struct Reception {
  std::size_t largest = 0;
  std::stop_token stop;
  Bytes body;
  bool too_long = false;
};

std::size_t receive(char* data, std::size_t size, std::size_t count, void* reception_pointer) {
  Reception& reception = *static_cast<Reception*>(reception_pointer);
  const std::size_t bytes = size * count;
  reception.too_long = bytes > reception.largest - reception.body.size();
  if (reception.too_long) return 0;
  const std::span<char> part(data, bytes);
  reception.body.insert(reception.body.end(), part.begin(), part.end());  // room for all was made before
  return bytes;
}

int stop_if_asked(void* reception, curl_off_t /*down_total*/, curl_off_t /*down*/, curl_off_t /*up_total*/,
                  curl_off_t /*up*/) {
  return static_cast<Reception*>(reception)->stop.stop_requested() ? 1 : 0;
}

template <typename T>
void set(const Transfer& transfer, CURLoption option, T value) {
  const CURLcode result = curl_easy_setopt(transfer.get(), option, value);
  if (result == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (result != CURLE_OK)
    throw Error(ErrorCode::unsupported,
                trf("the HTTP library of this system cannot do what is needed: {}", curl_easy_strerror(result)));
}

[[noreturn]] void throw_status(const std::string& shown_url, long status) {
  constexpr long kFirstRedirect = 300;
  constexpr long kFirstError = 400;
  if (status >= kFirstRedirect && status < kFirstError)
    throw Error(ErrorCode::failed, trf("{} points to another place (HTTP status {})", shown_url, status),
                tr("Redirects are not followed: give the URL of that place, if you trust it."));
  throw Error(ErrorCode::failed, trf("{} answers with the HTTP status {}", shown_url, status));
}

}  // namespace

std::string public_url(const std::string& url) {
  const Url parsed(curl_url());
  if (!parsed) throw std::bad_alloc();
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    throw Error(ErrorCode::usage, tr("what should be a URL is none"), tr("It looks like http://tsa.example.org/tsr"));
  const std::string scheme = part_of(parsed, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https")
    throw Error(ErrorCode::usage, trf("a URL of '{}:' is given where one of http: or https: is needed", scheme));
  for (const CURLUPart part :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT})
    curl_url_set(parsed.get(), part, nullptr, 0);
  return part_of(parsed, CURLUPART_URL);
}

HttpAnswer HttpClient::post(const std::string& url, const std::string& content_type, ByteView body,
                            std::stop_token stop) const {
  require_library();
  const std::string shown_url = public_url(url);
  const Transfer transfer(curl_easy_init());
  if (!transfer) throw std::bad_alloc();
  const Headers headers(curl_slist_append(nullptr, ("Content-Type: " + content_type).c_str()));
  if (!headers) throw std::bad_alloc();
  Reception reception{limits_.largest_answer, std::move(stop), {}, false};
  reception.body.reserve(limits_.largest_answer);
  std::array<char, CURL_ERROR_SIZE> problem{};

  set(transfer, CURLOPT_ERRORBUFFER, problem.data());
  set(transfer, CURLOPT_URL, url.c_str());
  set(transfer, CURLOPT_PROTOCOLS_STR, "http,https");
  set(transfer, CURLOPT_FOLLOWLOCATION, 0L);
  set(transfer, CURLOPT_SSL_VERIFYPEER, 1L);
  set(transfer, CURLOPT_SSL_VERIFYHOST, 2L);
  set(transfer, CURLOPT_NOSIGNAL, 1L);
  set(transfer, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect.count()));
  set(transfer, CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.whole.count()));
  set(transfer, CURLOPT_HTTPHEADER, headers.get());
  set(transfer, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  set(transfer, CURLOPT_POSTFIELDS, reinterpret_cast<const char*>(body.data()));
  set(transfer, CURLOPT_WRITEFUNCTION, &receive);
  set(transfer, CURLOPT_WRITEDATA, static_cast<void*>(&reception));
  set(transfer, CURLOPT_XFERINFOFUNCTION, &stop_if_asked);
  set(transfer, CURLOPT_XFERINFODATA, static_cast<void*>(&reception));
  set(transfer, CURLOPT_NOPROGRESS, 0L);

  const CURLcode result = curl_easy_perform(transfer.get());
  long status = 0;
  curl_easy_getinfo(transfer.get(), CURLINFO_RESPONSE_CODE, &status);
  if (reception.stop.stop_requested()) throw Error(ErrorCode::interrupted, tr("stopped on request"));
  if (status != 0 && status != kOk && (result == CURLE_OK || reception.too_long)) throw_status(shown_url, status);
  if (reception.too_long)
    throw Error(ErrorCode::failed,
                trf("{} answers with more than the {} bytes that are allowed", shown_url, limits_.largest_answer));
  if (result != CURLE_OK) {
    const char* reason = problem[0] != '\0' ? problem.data() : curl_easy_strerror(result);
    throw Error(ErrorCode::io, trf("{} gives no answer: {}", shown_url, reason));
  }
  const char* answered_type = nullptr;
  curl_easy_getinfo(transfer.get(), CURLINFO_CONTENT_TYPE, &answered_type);
  return {answered_type == nullptr ? "" : answered_type, std::move(reception.body)};
}

}  // namespace igudar
