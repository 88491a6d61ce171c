#include "crypto/signature.h"

#include <openssl/err.h>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/openssl.h"
#include "crypto/random.h"

namespace igudar {

using openssl::require;

namespace {

constexpr std::size_t kSeedSize = 32;
constexpr const char* kAlgorithm = "ED25519";

openssl::PrivateOrPublicKey private_key_of(ByteView seed) {
  if (seed.size() != kSeedSize)
    throw Error(ErrorCode::damaged, trf("A signing key is {} bytes long instead of {}.", seed.size(), kSeedSize));
  openssl::PrivateOrPublicKey key(
      EVP_PKEY_new_raw_private_key_ex(nullptr, kAlgorithm, nullptr, seed.data(), seed.size()));
  require(key ? 1 : 0, kAlgorithm);
  return key;
}

}  // namespace

SigningKey generate_signing_key() {
  SecretBytes seed(kSeedSize);
  fill_random(seed.span());
  return signing_key_from_seed(seed.view());
}

SigningKey signing_key_from_seed(ByteView seed) {
  const openssl::PrivateOrPublicKey key = private_key_of(seed);
  SigningKey result{{}, SecretBytes(seed)};
  std::size_t size = Id32::kSize;
  require(EVP_PKEY_get_raw_public_key(key.get(), result.public_key.bytes.data(), &size), kAlgorithm);
  return result;
}

Signature sign(const SigningKey& key, ByteView message) {
  const openssl::PrivateOrPublicKey private_key = private_key_of(key.seed.view());
  const openssl::DigestContext context = openssl::new_digest_context();
  require(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, private_key.get(), nullptr),
          kAlgorithm);
  Signature signature{};
  std::size_t size = signature.size();
  require(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()), kAlgorithm);
  return signature;
}

bool verify_signature(const Id32& public_key, ByteView message, ByteView signature) {
  if (signature.size() != Signature{}.size()) return false;
  const openssl::PrivateOrPublicKey key(
      EVP_PKEY_new_raw_public_key_ex(nullptr, kAlgorithm, nullptr, public_key.bytes.data(), Id32::kSize));
  require(key ? 1 : 0, kAlgorithm);
  const openssl::DigestContext context = openssl::new_digest_context();
  require(EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.get(), nullptr), kAlgorithm);
  const bool valid =
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
  if (!valid) ERR_clear_error();
  return valid;
}

}  // namespace igudar
