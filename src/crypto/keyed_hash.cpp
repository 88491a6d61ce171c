#include "crypto/keyed_hash.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/openssl.h"

namespace igudar {

using openssl::require;

namespace {

constexpr std::size_t kBlockSize = 64;  // of SHA-256
constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;
constexpr const char* kOperation = "HMAC-SHA-256";

using Block = std::array<std::uint8_t, kBlockSize>;

void feed(EVP_MD_CTX* context, ByteView bytes) {
  require(EVP_DigestUpdate(context, bytes.data(), bytes.size()), kOperation);
}

// A digest that has read `key_block` XOR `pad`.
openssl::DigestContext padded_state(const Block& key_block, std::uint8_t pad) {
  openssl::DigestContext context = openssl::new_digest_context();
  require(EVP_DigestInit_ex2(context.get(), openssl::sha256_digest(), nullptr), kOperation);
  Block padded = key_block;
  for (std::uint8_t& byte : padded) byte ^= pad;
  feed(context.get(), padded);
  wipe(padded);
  return context;
}

// The states of HMAC after the key alone; each message starts from copies of them.
class Hmac {
 public:
  explicit Hmac(ByteView key) {
    Block key_block{};
    if (key.size() > kBlockSize) {
      Id32 shortened = sha256(key);
      std::ranges::copy(shortened.bytes, key_block.begin());
      wipe(shortened.bytes);
    } else {
      std::ranges::copy(key, key_block.begin());
    }
    inner_ = padded_state(key_block, kInnerPad);
    outer_ = padded_state(key_block, kOuterPad);
    wipe(key_block);
  }

  Id32 hash(ByteView a, ByteView b) {
    Id32 digest;
    require(EVP_MD_CTX_copy_ex(working_.get(), inner_.get()), kOperation);
    feed(working_.get(), a);
    feed(working_.get(), b);
    require(EVP_DigestFinal_ex(working_.get(), digest.bytes.data(), nullptr), kOperation);
    require(EVP_MD_CTX_copy_ex(working_.get(), outer_.get()), kOperation);
    feed(working_.get(), digest.bytes);
    require(EVP_DigestFinal_ex(working_.get(), digest.bytes.data(), nullptr), kOperation);
    return digest;
  }

 private:
  openssl::DigestContext inner_;
  openssl::DigestContext outer_;
  openssl::DigestContext working_ = openssl::new_digest_context();
};

}  // namespace

struct KeyedHash::State {
  Hmac hmac;
};

KeyedHash::KeyedHash(ByteView key) : state_(std::make_unique<State>(State{Hmac(key)})) {}
KeyedHash::~KeyedHash() = default;
KeyedHash::KeyedHash(KeyedHash&&) noexcept = default;
KeyedHash& KeyedHash::operator=(KeyedHash&&) noexcept = default;

Id32 KeyedHash::hash(std::uint8_t first, ByteView rest) {
  return state_->hmac.hash({&first, 1}, rest);
}

Id32 hmac_sha256(ByteView key, ByteView message) {
  return Hmac(key).hash(message, {});
}

}  // namespace igudar
