#include "crypto/fips.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/openssl.h"

namespace igudar {

namespace {

constexpr const char* kOfProvider = "provider=fips,fips=yes";

enum class Mode : std::uint8_t { ordinary, by_default_provider, by_fips_provider };

std::atomic<Mode>& mode() {
  static std::atomic<Mode> value = Mode::ordinary;
  return value;
}

// Not unloaded at the end: OpenSSL does that itself, after all that uses it.
using Provider = std::unique_ptr<OSSL_PROVIDER, openssl::Free<OSSL_PROVIDER_unload>>;

template <auto kFetch, auto kFree>
bool offers(const char* name) {
  auto* const fetched = kFetch(nullptr, name, kOfProvider);
  if (fetched == nullptr) return false;
  kFree(fetched);
  return true;
}

// The name of an algorithm that the provider does not offer as approved; nullptr when it offers all. Ed25519 is the one
// to expect: the providers of OpenSSL 3.1 to 3.3 have it, but not as approved.
const char* missing_algorithm() {
  if (!offers<EVP_MD_fetch, EVP_MD_free>("SHA256")) return "SHA-256";
  if (!offers<EVP_MAC_fetch, EVP_MAC_free>("HMAC")) return "HMAC";
  if (!offers<EVP_CIPHER_fetch, EVP_CIPHER_free>("AES-256-GCM")) return "AES-256-GCM";
  for (const char* kdf : {"HKDF", "PBKDF2"})
    if (!offers<EVP_KDF_fetch, EVP_KDF_free>(kdf)) return kdf;
  if (!offers<EVP_SIGNATURE_fetch, EVP_SIGNATURE_free>("ED25519")) return "Ed25519";
  if (!offers<EVP_KEYEXCH_fetch, EVP_KEYEXCH_free>("ECDH")) return "ECDH";
  return nullptr;
}

// Whether a context of the provider's HMAC begins anew when it is asked to: that of OpenSSL 3.0.0 to 3.0.2 went on with
// the message before, which would give wrong ids to everything.
bool hmac_begins_anew() {
  const std::unique_ptr<EVP_MAC, openssl::Free<EVP_MAC_free>> mac(EVP_MAC_fetch(nullptr, "HMAC", kOfProvider));
  const std::unique_ptr<EVP_MAC_CTX, openssl::Free<EVP_MAC_CTX_free>> context(EVP_MAC_CTX_new(mac.get()));
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 2> settings{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                           OSSL_PARAM_construct_end()};
  std::array<std::uint8_t, 32> input{};
  std::array<std::array<std::uint8_t, 32>, 2> results{};
  if (EVP_MAC_init(context.get(), input.data(), input.size(), settings.data()) != 1) return false;
  for (auto& result : results) {
    std::size_t size = 0;
    if (EVP_MAC_init(context.get(), nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(context.get(), input.data(), input.size()) != 1 ||
        EVP_MAC_final(context.get(), result.data(), &size, result.size()) != 1)
      return false;
  }
  return results[0] == results[1];
}

std::string described(const OSSL_PROVIDER* provider) {
  const char* name = nullptr;
  const char* version = nullptr;
  std::array<OSSL_PARAM, 3> asked{
      OSSL_PARAM_construct_utf8_ptr(OSSL_PROV_PARAM_NAME, const_cast<char**>(&name), 0),
      OSSL_PARAM_construct_utf8_ptr(OSSL_PROV_PARAM_VERSION, const_cast<char**>(&version), 0),
      OSSL_PARAM_construct_end()};
  if (OSSL_PROVIDER_get_params(provider, asked.data()) != 1 || name == nullptr || version == nullptr) return "fips";
  return std::string(name) + " " + version;
}

struct Found {
  std::string provider;
  std::string remark;
};

// Loads the provider and has it do everything from then on, if it is there and can.
Found use_provider() {
  // The third argument keeps the default provider where there is no other.
  Provider fips(OSSL_PROVIDER_try_load(nullptr, "fips", 1));
  Provider base(fips ? OSSL_PROVIDER_try_load(nullptr, "base", 1) : nullptr);
  Found found;
  if (!fips || !base) {
    found.remark = tr(
        "This system has no FIPS provider of OpenSSL that starts: its default provider, which is not validated, does "
        "the work, with approved algorithms only.");
  } else if (const char* missing = missing_algorithm()) {
    found.remark = trf(
        "The {} does not offer {} as approved: the default provider of OpenSSL, which is not validated, does the work, "
        "with approved algorithms only.",
        described(fips.get()), missing);
  } else if (!hmac_begins_anew()) {
    found.remark = trf(
        "The {} computes wrongly (HMAC): the default provider of OpenSSL, which is not validated, does the work, with "
        "approved algorithms only.",
        described(fips.get()));
  } else {
    openssl::require(EVP_default_properties_enable_fips(nullptr, 1), "fips=yes");
    found.provider = described(fips.get());
    (void)fips.release();
    (void)base.release();
  }
  ERR_clear_error();
  return found;
}

// Once for the whole program.
const Found& found_provider() {
  static const Found found = use_provider();
  return found;
}

}  // namespace

void enter_fips_mode() {
  const Found& found = found_provider();
  mode() = found.provider.empty() ? Mode::by_default_provider : Mode::by_fips_provider;
}

bool in_fips_mode() {
  return mode() != Mode::ordinary;
}

bool uses_fips_provider() {
  return mode() == Mode::by_fips_provider;
}

FipsStatus fips_status() {
  if (!in_fips_mode()) return {};
  const Found& found = found_provider();
  return {true, found.provider, found.remark};
}

void require_outside_fips_mode(const char* algorithm, const char* instead) {
  if (in_fips_mode()) refuse_unapproved(algorithm, tr(instead));
}

void refuse_unapproved(const std::string& algorithm, const std::string& instead) {
  throw Error(
      ErrorCode::unsupported,
      trf("FIPS 140 does not approve {}, and this repository or --fips allows only what it approves", algorithm),
      instead);
}

}  // namespace igudar
