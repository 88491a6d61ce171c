#include "crypto/openssl.h"

#include <openssl/err.h>

#include <new>

#include "base/error.h"
#include "base/translate.h"

namespace igudar::openssl {

namespace {
template <typename Owner, typename Raw>
Owner owned_or_unsupported(Raw* fetched, const char* name) {
  if (fetched == nullptr) {
    ERR_clear_error();
    throw Error(ErrorCode::unsupported, trf("The OpenSSL of this system does not offer {}.", name),
                tr("Look at the providers that its configuration (openssl.cnf) activates."));
  }
  return Owner(fetched);
}
}  // namespace

void require(int result, const char* operation) {
  if (result == 1) return;
  ERR_clear_error();
  throw Error(ErrorCode::failed, trf("The OpenSSL of this system refused an operation: {}.", operation),
              tr("Look at the providers and limits that its configuration (openssl.cnf) sets."));
}

MessageDigest fetch_digest(const char* name) {
  return owned_or_unsupported<MessageDigest>(EVP_MD_fetch(nullptr, name, nullptr), name);
}

Cipher fetch_cipher(const char* name) {
  return owned_or_unsupported<Cipher>(EVP_CIPHER_fetch(nullptr, name, nullptr), name);
}

Kdf fetch_kdf(const char* name) {
  return owned_or_unsupported<Kdf>(EVP_KDF_fetch(nullptr, name, nullptr), name);
}

Mac fetch_mac(const char* name) {
  return owned_or_unsupported<Mac>(EVP_MAC_fetch(nullptr, name, nullptr), name);
}

std::string subject_of(const X509& certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio) throw std::bad_alloc();
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(&certificate), 0,
                     XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

DigestContext new_digest_context() {
  DigestContext context(EVP_MD_CTX_new());
  if (!context) throw std::bad_alloc();
  return context;
}

}  // namespace igudar::openssl
