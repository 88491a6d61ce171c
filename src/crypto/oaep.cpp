#include "crypto/oaep.h"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <climits>
#include <exception>
#include <new>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/fips.h"
#include "crypto/openssl.h"

namespace igudar {

using openssl::BigNumber;
using openssl::Bio;
using openssl::Certificate;
using openssl::require;

namespace {

constexpr unsigned kLeastBits = 2048;
constexpr unsigned kMostBits = 4096;
constexpr const char* kOperation = "RSA-OAEP";

using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, openssl::Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, openssl::Free<OSSL_PARAM_free>>;

Bio reader_of(ByteView text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(std::min<std::size_t>(text.size(), INT_MAX))));
  if (!bio) throw std::bad_alloc();
  return bio;
}

bool has_block(ByteView pem, std::string_view name) {
  return text_of(pem).find("-----BEGIN " + std::string(name) + "-----") != std::string_view::npos;
}

std::string date_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "?";
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text.data();
}

void require_valid(const Certificate& certificate, const std::string& name, std::time_t now) {
  const ASN1_TIME* from = X509_get0_notBefore(certificate.get());
  const ASN1_TIME* until = X509_get0_notAfter(certificate.get());
  const std::string dates = trf("It is valid from {} to {}.", date_of(from), date_of(until));
  if (X509_cmp_time(from, &now) >= 0)
    throw Error(ErrorCode::usage, trf("the certificate in {} is not valid yet", name), dates);
  if (X509_cmp_time(until, &now) <= 0)
    throw Error(ErrorCode::usage, trf("the certificate in {} has expired", name), dates);
  constexpr std::uint32_t kEncrypting = KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT;
  if ((X509_get_key_usage(certificate.get()) & kEncrypting) == 0)
    throw Error(ErrorCode::usage, trf("the certificate in {} is not for encryption", name),
                tr("Its key usage must include keyEncipherment."));
}

void require_rsa(const openssl::PrivateOrPublicKey& key, const std::string& name) {
  if (EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    const char* type = EVP_PKEY_get0_type_name(key.get());
    throw Error(ErrorCode::usage, trf("the key in {} is of the kind {}, not RSA", name, type == nullptr ? "?" : type),
                tr("Use an RSA key of 2048 to 4096 bits, or an identity of 'igudar key generate-identity'."));
  }
  const int bits = EVP_PKEY_get_bits(key.get());
  if (bits < static_cast<int>(kLeastBits) || bits > static_cast<int>(kMostBits))
    throw Error(ErrorCode::usage, trf("the RSA key in {} has {} bits", name, bits),
                tr("Use one of 2048 to 4096 bits."));
}

RsaPublicKey public_half(const openssl::PrivateOrPublicKey& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  if (size <= 0) require(0, kOperation);
  RsaPublicKey result;
  result.der.assign(der, der + size);
  OPENSSL_free(der);
  result.bits = static_cast<unsigned>(EVP_PKEY_get_bits(key.get()));
  return result;
}

openssl::KeyContext oaep_context(EVP_PKEY* key, OaepHash hash, int (*init)(EVP_PKEY_CTX*)) {
  openssl::KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context) throw std::bad_alloc();
  const char* digest = hash == OaepHash::sha1 ? "SHA1" : "SHA256";
  require(init(context.get()), kOperation);
  require(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING), kOperation);
  require(EVP_PKEY_CTX_set_rsa_oaep_md_name(context.get(), digest, nullptr), kOperation);
  require(EVP_PKEY_CTX_set_rsa_mgf1_md_name(context.get(), digest, nullptr), kOperation);
  return context;
}

// What OpenSSL is given to ask for a passphrase; it must not see an exception.
struct PassphraseRequest {
  const std::function<SecretBytes()>& ask;
  bool asked = false;
  std::exception_ptr failure;
};

int give_passphrase(char* buffer, int size, int /*writing*/, void* request_pointer) {
  PassphraseRequest& request = *static_cast<PassphraseRequest*>(request_pointer);
  request.asked = true;
  try {
    const SecretBytes passphrase = request.ask();
    if (passphrase.size() > static_cast<std::size_t>(size)) return -1;
    std::copy_n(passphrase.view().begin(), passphrase.size(), reinterpret_cast<std::uint8_t*>(buffer));
    return static_cast<int>(passphrase.size());
  } catch (...) {
    request.failure = std::current_exception();
    return -1;
  }
}

openssl::PrivateOrPublicKey read_private_key(ByteView pem, const std::string& name,
                                             const std::function<SecretBytes()>& passphrase) {
  // The encryption of old PEM files makes its key with MD5.
  if (text_of(pem).find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos)
    require_outside_fips_mode("MD5", N_("Change the private key's file with 'openssl pkcs8 -topk8'."));
  PassphraseRequest request{passphrase, false, nullptr};
  openssl::PrivateOrPublicKey key(PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, give_passphrase, &request));
  ERR_clear_error();
  if (request.failure) std::rethrow_exception(request.failure);
  if (!key && request.asked)
    throw Error(ErrorCode::wrong_key, trf("the passphrase does not open the private key in {}", name),
                tr("Check the passphrase."));
  if (!key)
    throw Error(ErrorCode::usage, trf("there is no private key in {}", name),
                tr("It must be PEM: '-----BEGIN PRIVATE KEY-----' or '-----BEGIN ENCRYPTED PRIVATE KEY-----'."));
  return key;
}

}  // namespace

bool looks_like_pem(ByteView text) {
  return text_of(text).find("-----BEGIN ") != std::string_view::npos;
}

RsaPublicKey read_rsa_public_key(ByteView pem, const std::string& name, std::time_t now) {
  const Bio bio = reader_of(pem);
  std::string subject;
  openssl::PrivateOrPublicKey key;
  if (has_block(pem, "CERTIFICATE")) {
    if (const Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
      require_valid(certificate, name, now);
      subject = openssl::subject_of(*certificate);
      key.reset(X509_get_pubkey(certificate.get()));
    }
  } else {
    key.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  }
  ERR_clear_error();
  if (!key)
    throw Error(
        ErrorCode::usage, trf("there is no public key in {}", name),
        tr("It must be PEM: a certificate, or '-----BEGIN PUBLIC KEY-----' as 'openssl pkey -pubout' writes it."));
  require_rsa(key, name);
  RsaPublicKey result = public_half(key);
  result.subject = std::move(subject);
  return result;
}

RsaPublicKey make_rsa_public_key(ByteView modulus, ByteView exponent, const std::string& name) {
  const BigNumber n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
  const BigNumber e(BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr));
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  const openssl::KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  if (!n || !e || !builder || !context) throw std::bad_alloc();
  require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()), kOperation);
  require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()), kOperation);
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  if (!parameters) throw std::bad_alloc();
  EVP_PKEY* made = nullptr;
  require(EVP_PKEY_fromdata_init(context.get()), kOperation);
  require(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()), kOperation);
  const openssl::PrivateOrPublicKey key(made);
  require_rsa(key, name);
  return public_half(key);
}

Bytes oaep_encrypt(const RsaPublicKey& key, OaepHash hash, ByteView message) {
  const unsigned char* der = key.der.data();
  const openssl::PrivateOrPublicKey parsed(d2i_PUBKEY(nullptr, &der, static_cast<long>(key.der.size())));
  require(parsed ? 1 : 0, kOperation);
  const openssl::KeyContext context = oaep_context(parsed.get(), hash, EVP_PKEY_encrypt_init);
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(parsed.get()));
  Bytes encrypted(size);
  require(EVP_PKEY_encrypt(context.get(), encrypted.data(), &size, message.data(), message.size()), kOperation);
  encrypted.resize(size);
  return encrypted;
}

struct RsaPrivateKey::State {
  openssl::PrivateOrPublicKey key;
  RsaPublicKey public_key;
};

RsaPrivateKey::RsaPrivateKey(ByteView pem, const std::string& name, const std::function<SecretBytes()>& passphrase)
    : state_(std::make_unique<State>()) {
  state_->key = read_private_key(pem, name, passphrase);
  require_rsa(state_->key, name);
  state_->public_key = public_half(state_->key);
}

RsaPrivateKey::~RsaPrivateKey() = default;
RsaPrivateKey::RsaPrivateKey(RsaPrivateKey&&) noexcept = default;
RsaPrivateKey& RsaPrivateKey::operator=(RsaPrivateKey&&) noexcept = default;

const RsaPublicKey& RsaPrivateKey::public_key() const {
  return state_->public_key;
}

std::optional<SecretBytes> RsaPrivateKey::oaep_decrypt(OaepHash hash, ByteView encrypted) const {
  const openssl::KeyContext context = oaep_context(state_->key.get(), hash, EVP_PKEY_decrypt_init);
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(state_->key.get()));
  SecretBytes message(size);
  if (EVP_PKEY_decrypt(context.get(), message.span().data(), &size, encrypted.data(), encrypted.size()) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  return SecretBytes(message.view().first(size));
}

}  // namespace igudar
