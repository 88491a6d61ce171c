#include "store/azure/shared_key.h"

#include <algorithm>
#include <map>

#include "crypto/base64.h"
#include "crypto/keyed_hash.h"

namespace igudar {

namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

std::string string_to_sign(const SharedKeyRequest& request, const std::string& account) {
  std::map<std::string, std::string> headers;
  for (const HttpHeader& header : request.headers) headers[lower(header.name)] = header.value;
  if (request.content_length > 0) headers["content-length"] = std::to_string(request.content_length);

  constexpr const char* kStandard[] = {
      "content-encoding",  "content-language", "content-length", "content-md5",         "content-type", "date",
      "if-modified-since", "if-match",         "if-none-match",  "if-unmodified-since", "range"};
  std::string text = request.method + "\n";
  for (const char* name : kStandard) text += headers[name] + "\n";
  for (const auto& [name, value] : headers)
    if (name.starts_with("x-ms-")) text += name + ":" + value + "\n";

  text += "/" + account + request.path;
  std::vector<std::pair<std::string, std::string>> query = request.query;
  for (auto& parameter : query) parameter.first = lower(parameter.first);
  std::sort(query.begin(), query.end());
  for (const auto& [name, value] : query) text += "\n" + name + ":" + value;
  return text;
}

std::string shared_key_authorization(const SharedKeyRequest& request, const std::string& account,
                                     const SecretBytes& key) {
  return "SharedKey " + account + ":" +
         to_base64(hmac_sha256(key.view(), view_of(string_to_sign(request, account))).view());
}

}  // namespace igudar
