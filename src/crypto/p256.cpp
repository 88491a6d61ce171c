#include "crypto/p256.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <new>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/openssl.h"

namespace igudar::p256 {

using openssl::PrivateOrPublicKey;
using openssl::require;

namespace {

constexpr const char* kOperation = "P-256";
constexpr const char* kGroup = "P-256";
constexpr std::size_t kCoordinateSize = 32;

// NIST SP 800-186 section 3.2.1.3.
constexpr std::array<std::uint8_t, kSecretSize> kOrder{0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                                       0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
constexpr Point kBasePoint{0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
                           0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
                           0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
                           0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
                           0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};

using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, openssl::Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, openssl::Free<OSSL_PARAM_free>>;
using SecretNumber = std::unique_ptr<BIGNUM, openssl::Free<BN_clear_free>>;

SecretNumber number_of(ByteView big_endian) {
  // Secure numbers are wiped by OSSL_PARAM_free() as well.
  SecretNumber number(BN_secure_new());
  if (!number || BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), number.get()) == nullptr)
    throw std::bad_alloc();
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

// Null when OpenSSL does not accept what it is given. Either half may be empty.
PrivateOrPublicKey key_of(ByteView public_point, ByteView secret) {
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  const openssl::KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  if (!builder) throw std::bad_alloc();
  require(context ? 1 : 0, kOperation);
  require(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kGroup, 0), kOperation);
  if (!public_point.empty())
    require(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, public_point.data(),
                                             public_point.size()),
            kOperation);
  SecretNumber number;
  if (!secret.empty()) {
    number = number_of(secret);
    require(OSSL_PARAM_BLD_push_BN_pad(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get(), kSecretSize), kOperation);
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  if (!parameters) throw std::bad_alloc();
  EVP_PKEY* made = nullptr;
  require(EVP_PKEY_fromdata_init(context.get()), kOperation);
  const int selection = secret.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR;
  if (EVP_PKEY_fromdata(context.get(), &made, selection, parameters.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return PrivateOrPublicKey(made);
}

bool passes(const PrivateOrPublicKey& key, int (*check)(EVP_PKEY_CTX*)) {
  if (!key) return false;
  const openssl::KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!context) throw std::bad_alloc();
  const bool passed = check(context.get()) == 1;
  ERR_clear_error();
  return passed;
}

void read_number(const PrivateOrPublicKey& key, const char* name, MutableByteView out) {
  BIGNUM* value = BN_secure_new();
  const int found = EVP_PKEY_get_bn_param(key.get(), name, &value);
  const SecretNumber number(value);
  require(found, kOperation);
  require(BN_bn2binpad(number.get(), out.data(), static_cast<int>(out.size())) == static_cast<int>(out.size()) ? 1 : 0,
          kOperation);
}

Point public_point_of(const PrivateOrPublicKey& key) {
  Point point{4};
  const MutableByteView coordinates = MutableByteView(point).subspan(1);
  read_number(key, OSSL_PKEY_PARAM_EC_PUB_X, coordinates.first(kCoordinateSize));
  read_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinates.last(kCoordinateSize));
  return point;
}

// In time that tells nothing of the secret but that.
bool is_in_range(ByteView secret) {
  unsigned borrow = 0;
  unsigned any = 0;
  for (std::size_t i = kSecretSize; i-- > 0;) {
    borrow = (static_cast<unsigned>(secret[i]) - kOrder[i] - borrow) >> 31;
    any |= secret[i];
  }
  return borrow == 1 && any != 0;
}

}  // namespace

KeyPair generate() {
  const PrivateOrPublicKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kGroup));
  require(key ? 1 : 0, kOperation);
  KeyPair pair{public_point_of(key), SecretBytes(kSecretSize)};
  read_number(key, OSSL_PKEY_PARAM_PRIV_KEY, pair.secret.span());
  return pair;
}

std::optional<KeyPair> pair_of(ByteView secret) {
  if (secret.size() != kSecretSize)
    throw Error(ErrorCode::damaged, trf("A secret key is {} bytes long instead of {}.", secret.size(), kSecretSize));
  if (!is_in_range(secret)) return std::nullopt;
  // EVP computes no public half of a given secret. But ECDH with the base point gives its x, and there are two points
  // with that; the pairwise check tells which one is it.
  const std::optional<SecretBytes> x = agree(secret, kBasePoint);
  require(x ? 1 : 0, kOperation);
  CompressedPoint candidate{};
  std::copy(x->view().begin(), x->view().end(), candidate.begin() + 1);
  for (const std::uint8_t sign : std::array<std::uint8_t, 2>{2, 3}) {
    candidate[0] = sign;
    const PrivateOrPublicKey key = key_of(candidate, secret);
    if (passes(key, EVP_PKEY_pairwise_check)) return KeyPair{public_point_of(key), SecretBytes(secret)};
  }
  require(0, kOperation);
  return std::nullopt;
}

CompressedPoint compressed(const Point& point) {
  CompressedPoint result{};
  result[0] = static_cast<std::uint8_t>(2 + (point.back() & 1));
  std::copy_n(point.begin() + 1, kCoordinateSize, result.begin() + 1);
  return result;
}

std::optional<Point> point_of(ByteView encoded) {
  const bool known_form = (encoded.size() == kCompressedSize && (encoded[0] == 2 || encoded[0] == 3)) ||
                          (encoded.size() == kPointSize && encoded[0] == 4);
  if (!known_form) return std::nullopt;
  const PrivateOrPublicKey key = key_of(encoded, {});
  if (!passes(key, EVP_PKEY_public_check)) return std::nullopt;
  return public_point_of(key);
}

std::optional<SecretBytes> agree(ByteView secret, const Point& peer) {
  const PrivateOrPublicKey own = key_of({}, secret);
  require(own ? 1 : 0, kOperation);
  const PrivateOrPublicKey other = key_of(peer, {});
  if (!passes(other, EVP_PKEY_public_check)) return std::nullopt;
  const openssl::KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
  if (!context) throw std::bad_alloc();
  SecretBytes x(kCoordinateSize);
  std::size_t size = x.size();
  require(EVP_PKEY_derive_init(context.get()), "ECDH");
  require(EVP_PKEY_derive_set_peer(context.get(), other.get()), "ECDH");
  require(EVP_PKEY_derive(context.get(), x.span().data(), &size), "ECDH");
  require(size == kCoordinateSize ? 1 : 0, "ECDH");
  return x;
}

}  // namespace igudar::p256
