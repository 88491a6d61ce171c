#include "crypto/kdf.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <sodium.h>

#include <array>
#include <bit>
#include <new>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/fips.h"
#include "crypto/openssl.h"
#include "crypto/sodium_ready.h"

namespace igudar {

using openssl::require;

namespace {

constexpr std::size_t kPasswordKeySize = 32;
constexpr std::size_t kSaltSize = crypto_pwhash_SALTBYTES;
static_assert(kSaltSize == 16);
constexpr const char* kUsePbkdf2 = N_("Use '--kdf pbkdf2', or a key in the place of a password.");

struct Bounds {
  std::uint32_t least;
  std::uint32_t most;
  bool hold(std::uint32_t value) const { return value >= least && value <= most; }
};
constexpr Bounds kMemoryHardPasses{1, 64};
constexpr Bounds kMemoryKib{8 * 1024, 4 * 1024 * 1024};
constexpr Bounds kPbkdf2Bounds{100'000, 100'000'000};

bool within_bounds(const PasswordKdfParams& params) {
  switch (params.kdf) {
    case PasswordKdf::argon2id:
      return kMemoryHardPasses.hold(params.passes) && kMemoryKib.hold(params.memory_kib);
    case PasswordKdf::pbkdf2_sha256:
      return kPbkdf2Bounds.hold(params.passes);
    case PasswordKdf::scrypt:
      return kMemoryHardPasses.hold(params.passes) && kMemoryKib.hold(params.memory_kib) &&
             std::has_single_bit(params.memory_kib);
  }
  return false;
}

// OpenSSL's parameters are not const-correct, though octet strings given to a KDF are only read.
OSSL_PARAM octets(const char* name, ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
}

[[noreturn]] void throw_no_memory(const PasswordKdfParams& params) {
  throw Error(ErrorCode::failed,
              trf("There is not enough memory to derive the key from the password: {} MiB are needed.",
                  params.memory_kib / 1024),
              tr("Close other programs, or raise the memory limit of this one, and run the command again."));
}

void argon2id(ByteView password, ByteView salt, const PasswordKdfParams& params, MutableByteView out) {
  require_outside_fips_mode("Argon2id", kUsePbkdf2);
  ensure_sodium_ready();
  const int result =
      ::crypto_pwhash(out.data(), out.size(), text_of(password).data(), password.size(), salt.data(), params.passes,
                      std::size_t{params.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13);
  if (result != 0) throw_no_memory(params);
}

void scrypt(ByteView password, ByteView salt, const PasswordKdfParams& params, MutableByteView out) {
  require_outside_fips_mode("scrypt", kUsePbkdf2);
  const openssl::KdfContext context(EVP_KDF_CTX_new(openssl::fetched<openssl::fetch_kdf, "SCRYPT">()));
  if (!context) throw std::bad_alloc();
  std::uint64_t n = params.memory_kib;
  std::uint32_t r = 8;
  std::uint32_t p = params.passes;
  std::uint64_t most_memory = 128 * r * (n + p + 2);  // what RFC 7914 section 6 needs
  const std::array<OSSL_PARAM, 7> settings{
      octets(OSSL_KDF_PARAM_PASSWORD, password),
      octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &most_memory),
      OSSL_PARAM_construct_end(),
  };
  if (EVP_KDF_derive(context.get(), out.data(), out.size(), settings.data()) == 1) return;
  const bool out_of_memory = ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
  if (out_of_memory) throw_no_memory(params);
  require(0, "scrypt");
}

SecretBytes hkdf(int mode, ByteView key, ByteView salt, ByteView info, std::size_t size) {
  const openssl::KdfContext context(EVP_KDF_CTX_new(openssl::fetched<openssl::fetch_kdf, "HKDF">()));
  if (!context) throw std::bad_alloc();
  std::array<char, 7> digest{"SHA256"};
  std::array<OSSL_PARAM, 6> settings{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      octets(OSSL_KDF_PARAM_KEY, key),
      octets(OSSL_KDF_PARAM_INFO, info),
      octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_end(),
  };
  if (salt.empty()) settings[4] = OSSL_PARAM_construct_end();  // RFC 5869: no salt is a string of zeros
  SecretBytes result(size);
  require(EVP_KDF_derive(context.get(), result.span().data(), size, settings.data()), "HKDF-SHA-256");
  return result;
}

}  // namespace

SecretBytes hkdf_sha256(ByteView key, ByteView salt, std::string_view info, std::size_t size) {
  return hkdf(EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND, key, salt, view_of(info), size);
}

SecretBytes hkdf_sha256_extract(ByteView salt, ByteView key) {
  return hkdf(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, key, salt, {}, Id32::kSize);
}

SecretBytes hkdf_sha256_expand(ByteView key, ByteView info, std::size_t size) {
  return hkdf(EVP_KDF_HKDF_MODE_EXPAND_ONLY, key, {}, info, size);
}

std::string_view password_kdf_name(PasswordKdf kdf) {
  switch (kdf) {
    case PasswordKdf::argon2id:
      return "argon2id";
    case PasswordKdf::scrypt:
      return "scrypt";
    case PasswordKdf::pbkdf2_sha256:
      break;
  }
  return "pbkdf2";
}

std::optional<PasswordKdf> find_password_kdf(std::string_view name) {
  for (const PasswordKdf kdf : kPasswordKdfs)
    if (password_kdf_name(kdf) == name) return kdf;
  return std::nullopt;
}

PasswordKdfParams default_kdf_params(PasswordKdf kdf) {
  constexpr std::uint32_t kDefaultN = 1U << 17;  // OWASP's first choice for scrypt: with r = 8, p = 1, so 128 MiB
  if (kdf == PasswordKdf::argon2id) return {};
  if (kdf == PasswordKdf::scrypt) return {.kdf = kdf, .passes = 1, .memory_kib = kDefaultN};
  return {.kdf = PasswordKdf::pbkdf2_sha256, .passes = kPbkdf2Rounds, .memory_kib = 0};
}

bool is_approved(const PasswordKdfParams& params) {
  return params.kdf == PasswordKdf::pbkdf2_sha256 && params.passes >= kPbkdf2Rounds;
}

SecretBytes pbkdf2_sha256(ByteView password, ByteView salt, std::uint32_t rounds, std::size_t size) {
  const openssl::KdfContext context(EVP_KDF_CTX_new(openssl::fetched<openssl::fetch_kdf, "PBKDF2">()));
  if (!context) throw std::bad_alloc();
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 5> settings{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      octets(OSSL_KDF_PARAM_PASSWORD, password),
      octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_ITER, &rounds),
      OSSL_PARAM_construct_end(),
  };
  SecretBytes result(size);
  require(EVP_KDF_derive(context.get(), result.span().data(), size, settings.data()), "PBKDF2-SHA-256");
  return result;
}

void check_bounds(const PasswordKdfParams& params) {
  if (within_bounds(params)) return;
  throw Error(ErrorCode::damaged, tr("The settings that turn a password into a key are outside the permitted bounds."),
              tr("The key slot is damaged or was forged: use another key, or restore the slot from a copy."));
}

SecretBytes derive_password_key(ByteView password, ByteView salt, const PasswordKdfParams& params) {
  check_bounds(params);
  if (salt.size() != kSaltSize)
    throw Error(ErrorCode::damaged,
                trf("The salt of a password key is {} bytes long instead of {}.", salt.size(), kSaltSize));
  if (params.kdf == PasswordKdf::pbkdf2_sha256) return pbkdf2_sha256(password, salt, params.passes, kPasswordKeySize);
  SecretBytes key(kPasswordKeySize);
  if (params.kdf == PasswordKdf::scrypt)
    scrypt(password, salt, params, key.span());
  else
    argon2id(password, salt, params, key.span());
  return key;
}

}  // namespace igudar
