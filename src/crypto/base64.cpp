#include "crypto/base64.h"

#include <sodium.h>

#include "crypto/sodium_ready.h"

namespace igudar {

namespace {

int variant_of(Base64Alphabet alphabet) {
  return alphabet == Base64Alphabet::url ? sodium_base64_VARIANT_URLSAFE : sodium_base64_VARIANT_ORIGINAL;
}

}  // namespace

std::string to_base64(ByteView bytes, Base64Alphabet alphabet) {
  ensure_sodium_ready();
  std::string text(sodium_base64_encoded_len(bytes.size(), variant_of(alphabet)), '\0');
  ::sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant_of(alphabet));
  text.pop_back();  // the zero at the end
  return text;
}

std::optional<SecretBytes> from_base64(std::string_view text, Base64Alphabet alphabet) {
  constexpr std::size_t kGroup = 4;
  if (text.size() < kGroup) return std::nullopt;
  ensure_sodium_ready();
  SecretBytes raw(text.size() / kGroup * 3);
  std::size_t size = 0;
  if (::sodium_base642bin(raw.span().data(), raw.size(), text.data(), text.size(), nullptr, &size, nullptr,
                          variant_of(alphabet)) != 0)
    return std::nullopt;
  return SecretBytes(raw.view().first(size));
}

}  // namespace igudar
