#include "net/url.h"

#include <curl/curl.h>

#include <new>

#include "base/error.h"
#include "base/free_with.h"
#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

namespace {

using Url = OwnedBy<CURLU, curl_url_cleanup>;
using Text = OwnedBy<char, curl_free>;

std::string part_of(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  return Text(text).get();
}

Url parsed(const std::string& url) {
  Url parsed(curl_url());
  if (!parsed) throw std::bad_alloc();
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    throw Error(ErrorCode::usage, tr("what should be a URL is none"), tr("It looks like http://tsa.example.org/tsr"));
  const std::string scheme = part_of(parsed, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https")
    throw Error(ErrorCode::usage, trf("a URL of '{}:' is given where one of http: or https: is needed", scheme));
  return parsed;
}

}  // namespace

std::string public_url(const std::string& url) {
  const Url shown = parsed(url);
  for (const CURLUPart part :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT})
    curl_url_set(shown.get(), part, nullptr, 0);
  return part_of(shown, CURLUPART_URL);
}

std::string origin_of(const std::string& url) {
  const Url whole = parsed(url);
  std::string origin = part_of(whole, CURLUPART_SCHEME) + "://" + part_of(whole, CURLUPART_HOST);
  const std::string port = part_of(whole, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  if (!port.empty()) origin += ":" + port;
  for (char& c : origin)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return origin;
}

std::string percent_encoded(std::string_view text, std::string_view keep) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved || keep.find(c) != keep.npos) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

std::string leniently_percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
    if (byte && byte->size() == 1) {
      decoded += static_cast<char>(byte->front());
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

}  // namespace igudar
