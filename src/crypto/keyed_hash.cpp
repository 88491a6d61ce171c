#include "crypto/keyed_hash.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>
#include <new>

#include "crypto/openssl.h"

namespace igudar {

using openssl::require;

namespace {

constexpr const char* kOperation = "HMAC-SHA-256";

// Has computed the states of HMAC after the key alone; each message starts from copies of them.
openssl::MacContext keyed_context(ByteView key) {
  openssl::MacContext context(EVP_MAC_CTX_new(openssl::fetched<openssl::fetch_mac, "HMAC">()));
  if (!context) throw std::bad_alloc();
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 2> settings{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                           OSSL_PARAM_construct_end()};
  // A key of no bytes is one, too, and not "none".
  static constexpr std::uint8_t kNone = 0;
  const std::uint8_t* const bytes = key.empty() ? &kNone : key.data();
  require(EVP_MAC_init(context.get(), bytes, key.size(), settings.data()), kOperation);
  return context;
}

Id32 finished(EVP_MAC_CTX* context) {
  Id32 result;
  std::size_t size = 0;
  require(EVP_MAC_final(context, result.bytes.data(), &size, Id32::kSize), kOperation);
  return result;
}

}  // namespace

struct KeyedHash::State {
  openssl::MacContext context;
};

KeyedHash::KeyedHash(ByteView key) : state_(std::make_unique<State>(State{keyed_context(key)})) {}
KeyedHash::~KeyedHash() = default;
KeyedHash::KeyedHash(KeyedHash&&) noexcept = default;
KeyedHash& KeyedHash::operator=(KeyedHash&&) noexcept = default;

Id32 KeyedHash::hash(std::uint8_t first, ByteView rest) {
  EVP_MAC_CTX* const context = state_->context.get();
  require(EVP_MAC_init(context, nullptr, 0, nullptr), kOperation);
  require(EVP_MAC_update(context, &first, 1), kOperation);
  require(EVP_MAC_update(context, rest.data(), rest.size()), kOperation);
  return finished(context);
}

Id32 hmac_sha256(ByteView key, ByteView message) {
  const openssl::MacContext context = keyed_context(key);
  require(EVP_MAC_update(context.get(), message.data(), message.size()), kOperation);
  return finished(context.get());
}

}  // namespace igudar
