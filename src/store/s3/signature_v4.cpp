#include "store/s3/signature_v4.h"

#include <algorithm>
#include <ctime>

#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/keyed_hash.h"
#include "net/url.h"

namespace igudar {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// Without spaces around, and one where there are several.
std::string folded(const std::string& value) {
  std::string result;
  for (const char c : value)
    if (c != ' ' || (!result.empty() && result.back() != ' ')) result += c;
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

}  // namespace

std::string signature_timestamp(TimeNs time) {
  const std::time_t seconds = time / kNsPerSecond;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[sizeof "20130524T000000Z"];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts)};
}

std::string canonical_query(const Pairs& query) {
  Pairs encoded;
  for (const auto& [name, value] : query) encoded.emplace_back(percent_encoded(name), percent_encoded(value));
  std::sort(encoded.begin(), encoded.end());
  std::string text;
  for (const auto& [name, value] : encoded) text += (text.empty() ? "" : "&") + name + "=" + value;
  return text;
}

std::string signature_v4(const RequestToSign& request, const S3SigningKey& key, const std::string& timestamp) {
  Pairs headers;
  for (const auto& [name, value] : request.headers) headers.emplace_back(lower(name), folded(value));
  std::sort(headers.begin(), headers.end());
  std::string header_lines;
  std::string signed_names;
  for (const auto& [name, value] : headers) {
    header_lines += name + ":" + value + "\n";
    signed_names += (signed_names.empty() ? "" : ";") + name;
  }
  const std::string canonical = request.method + "\n" + request.path + "\n" + canonical_query(request.query) + "\n" +
                                header_lines + "\n" + signed_names + "\n" + request.payload_hash;

  const std::string date = timestamp.substr(0, sizeof "20130524" - 1);
  const std::string scope = date + "/" + key.region + "/" + key.service + "/aws4_request";
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + timestamp + "\n" + scope + "\n" + to_hex(sha256(view_of(canonical)).view());

  constexpr std::string_view kPrefix = "AWS4";
  SecretBytes first(kPrefix.size() + key.secret.size());
  std::copy(kPrefix.begin(), kPrefix.end(), first.span().begin());
  std::copy(key.secret.view().begin(), key.secret.view().end(), first.span().begin() + kPrefix.size());
  Id32 derived = hmac_sha256(first.view(), view_of(date));
  for (const std::string_view step :
       {std::string_view(key.region), std::string_view(key.service), std::string_view("aws4_request")})
    derived = hmac_sha256(derived.view(), view_of(step));
  const std::string signature = to_hex(hmac_sha256(derived.view(), view_of(to_sign)).view());
  wipe(derived.bytes);
  return "AWS4-HMAC-SHA256 Credential=" + key.access_key + "/" + scope + ",SignedHeaders=" + signed_names +
         ",Signature=" + signature;
}

}  // namespace igudar
