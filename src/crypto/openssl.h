#pragma once

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>

#include "base/free_with.h"
#include "crypto/fips.h"

namespace igudar::openssl {

// Owners of OpenSSL's objects and the one way its refusals become Errors. For crypto/ alone: no header that other
// layers include may name an OpenSSL type.
template <auto kFree>
using Free = FreeWith<kFree>;
using Cipher = std::unique_ptr<EVP_CIPHER, Free<EVP_CIPHER_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Free<EVP_CIPHER_CTX_free>>;
using MessageDigest = std::unique_ptr<EVP_MD, Free<EVP_MD_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC, Free<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Free<EVP_MAC_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Free<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Free<EVP_KDF_CTX_free>>;
using PrivateOrPublicKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

// Throws Error(failed) unless `result` is 1, OpenSSL's answer for success. `operation` is named in the message.
void require(int result, const char* operation);

// Looks `name` up in the providers that the system's OpenSSL is configured with (the FIPS provider may be the only
// one), in FIPS mode in the FIPS provider where there is one. Throws Error(unsupported) when none has it.
MessageDigest fetch_digest(const char* name);
Cipher fetch_cipher(const char* name);
Kdf fetch_kdf(const char* name);
Mac fetch_mac(const char* name);

// The name of an algorithm, as an argument of a template.
template <std::size_t N>
struct AlgorithmName {
  consteval AlgorithmName(const char (&name)[N]) { std::copy_n(name, N, text); }
  char text[N] = {};
};

// What kFetch finds under that name, looked up once for the whole program, and once more when the FIPS provider takes
// over. Thread-safe.
template <auto kFetch, AlgorithmName kName>
auto* fetched() {
  if (uses_fips_provider()) {
    static const auto validated = kFetch(kName.text);
    return validated.get();
  }
  static const auto ordinary = kFetch(kName.text);
  return ordinary.get();
}
inline const EVP_MD* sha256_digest() {
  return fetched<fetch_digest, "SHA256">();
}

// Throws std::bad_alloc when there is no memory.
DigestContext new_digest_context();

// Whom a certificate names, as RFC 2253 writes it; letters beyond ASCII as they are.
std::string subject_of(const X509& certificate);

}  // namespace igudar::openssl
