#include "crypto/fernet.h"

#include <openssl/err.h>

#include <new>

#include "crypto/base64.h"
#include "crypto/keyed_hash.h"
#include "crypto/openssl.h"

namespace igudar {

using openssl::require;

namespace {

constexpr std::size_t kKeySize = 32;  // 16 bytes for the HMAC, then 16 for AES
constexpr std::size_t kBlockSize = 16;
constexpr std::size_t kMacSize = 32;
constexpr std::size_t kHeadSize = 1 + 8 + kBlockSize;  // version, time, IV
constexpr std::uint8_t kVersion = 0x80;
constexpr Base64Alphabet kAlphabet = Base64Alphabet::url;

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
  std::optional<SecretBytes> key = from_base64(text_of(text), kAlphabet);
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
  return copy_of(view_of(to_base64(token, kAlphabet)));
}

std::optional<SecretBytes> fernet_decrypt(ByteView key, ByteView token) {
  const std::optional<SecretBytes> raw = from_base64(text_of(token), kAlphabet);
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
