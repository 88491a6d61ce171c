#include "crypto/fernet.h"

#include <openssl/err.h>
#include <sodium.h>

#include <new>

#include "crypto/keyed_hash.h"
#include "crypto/openssl.h"
#include "crypto/sodium_ready.h"

namespace igudar {

using openssl::require;

namespace {

constexpr std::size_t kKeySize = 32;  // 16 bytes for the HMAC, then 16 for AES
constexpr std::size_t kBlockSize = 16;
constexpr std::size_t kMacSize = 32;
constexpr std::size_t kHeadSize = 1 + 8 + kBlockSize;  // version, time, IV
constexpr std::uint8_t kVersion = 0x80;
constexpr int kBase64 = sodium_base64_VARIANT_URLSAFE;

// nullopt when it is not base64url with its padding.
std::optional<SecretBytes> from_base64(ByteView text) {
  if (text.size() < 4) return std::nullopt;
  ensure_sodium_ready();
  SecretBytes raw(text.size() / 4 * 3);
  std::size_t size = 0;
  if (::sodium_base642bin(raw.span().data(), raw.size(), text_of(text).data(), text.size(), nullptr, &size, nullptr,
                          kBase64) != 0)
    return std::nullopt;
  return SecretBytes(raw.view().first(size));
}

Bytes to_base64(ByteView raw) {
  ensure_sodium_ready();
  Bytes text(sodium_base64_encoded_len(raw.size(), kBase64));
  ::sodium_bin2base64(reinterpret_cast<char*>(text.data()), text.size(), raw.data(), raw.size(), kBase64);
  text.pop_back();  // the zero at the end
  return text;
}

openssl::CipherContext aes_cbc(ByteView key, ByteView iv, int encrypting) {
  const EVP_CIPHER* const cipher = openssl::fetched<openssl::fetch_cipher, "AES-128-CBC">();
  openssl::CipherContext context(EVP_CIPHER_CTX_new());
  if (!context) throw std::bad_alloc();
  require(EVP_CipherInit_ex2(context.get(), cipher, key.last(kBlockSize).data(), iv.data(), encrypting, nullptr),
          "AES-128-CBC");
  return context;
}

}  // namespace

std::optional<SecretBytes> parse_fernet_key(ByteView text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text = text.first(text.size() - 1);
  std::optional<SecretBytes> key = from_base64(text);
  if (!key || key->size() != kKeySize) return std::nullopt;
  return key;
}

Bytes fernet_encrypt(ByteView key, ByteView message, std::uint64_t seconds, const Id16& iv) {
  Bytes token{kVersion};
  for (int shift = 56; shift >= 0; shift -= 8) token.push_back(static_cast<std::uint8_t>(seconds >> shift));
  append(token, iv.view());
  token.resize(kHeadSize + (message.size() / kBlockSize + 1) * kBlockSize);
  const openssl::CipherContext context = aes_cbc(key, iv.view(), 1);
  int written = 0;
  int last = 0;
  require(EVP_CipherUpdate(context.get(), token.data() + kHeadSize, &written, message.data(),
                           static_cast<int>(message.size())),
          "AES-128-CBC");
  require(EVP_CipherFinal_ex(context.get(), token.data() + kHeadSize + written, &last), "AES-128-CBC");
  append(token, hmac_sha256(key.first(kBlockSize), token).view());
  return to_base64(token);
}

std::optional<SecretBytes> fernet_decrypt(ByteView key, ByteView token) {
  const std::optional<SecretBytes> raw = from_base64(token);
  if (!raw || raw->size() < kHeadSize + kBlockSize + kMacSize || raw->view()[0] != kVersion) return std::nullopt;
  const ByteView signed_part = raw->view().first(raw->size() - kMacSize);
  if (!secret_equal(hmac_sha256(key.first(kBlockSize), signed_part).view(), raw->view().last(kMacSize)))
    return std::nullopt;
  const ByteView encrypted = signed_part.subspan(kHeadSize);
  const openssl::CipherContext context = aes_cbc(key, signed_part.subspan(kHeadSize - kBlockSize, kBlockSize), 0);
  SecretBytes message(encrypted.size() + kBlockSize);
  int written = 0;
  int last = 0;
  if (EVP_CipherUpdate(context.get(), message.span().data(), &written, encrypted.data(),
                       static_cast<int>(encrypted.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), message.span().data() + written, &last) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  return SecretBytes(message.view().first(static_cast<std::size_t>(written) + static_cast<std::size_t>(last)));
}

}  // namespace igudar
