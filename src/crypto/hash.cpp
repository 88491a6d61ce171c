#include "crypto/hash.h"

#include "base/error.h"
#include "base/translate.h"
#include "crypto/fips.h"
#include "crypto/openssl.h"

namespace igudar {

using openssl::require;

namespace {

struct DigestFacts {
  std::size_t size;
  std::string_view name;
  const char* openssl_name;
};

DigestFacts facts_of(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::sha256:
      return {32, "sha256", "SHA256"};
    case DigestAlgorithm::sha1:
      return {20, "sha1", "SHA1"};
    case DigestAlgorithm::md5:
      return {16, "md5", "MD5"};
  }
  throw Error(ErrorCode::unsupported,
              trf("The digest algorithm number {} is unknown.", static_cast<unsigned>(algorithm)),
              tr("A newer version of Igudar may know it."));
}

}  // namespace

Id32 sha256(ByteView a, ByteView b) {
  const openssl::DigestContext context = openssl::new_digest_context();
  Id32 result;
  require(EVP_DigestInit_ex2(context.get(), openssl::sha256_digest(), nullptr), "SHA-256");
  require(EVP_DigestUpdate(context.get(), a.data(), a.size()), "SHA-256");
  require(EVP_DigestUpdate(context.get(), b.data(), b.size()), "SHA-256");
  require(EVP_DigestFinal_ex(context.get(), result.bytes.data(), nullptr), "SHA-256");
  return result;
}

std::size_t digest_size(DigestAlgorithm algorithm) {
  return facts_of(algorithm).size;
}

std::string_view digest_name(DigestAlgorithm algorithm) {
  return facts_of(algorithm).name;
}

struct Digest::State {
  DigestFacts facts;
  openssl::MessageDigest digest;
  openssl::DigestContext context;
};

Digest::Digest(DigestAlgorithm algorithm) {
  const DigestFacts facts = facts_of(algorithm);
  if (algorithm == DigestAlgorithm::md5) require_outside_fips_mode("MD5", N_("Use the digest sha256."));
  state_ =
      std::make_unique<State>(State{facts, openssl::fetch_digest(facts.openssl_name), openssl::new_digest_context()});
  require(EVP_DigestInit_ex2(state_->context.get(), state_->digest.get(), nullptr), facts.openssl_name);
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::reset() {
  require(EVP_DigestInit_ex2(state_->context.get(), nullptr, nullptr), state_->facts.openssl_name);
}

void Digest::update(ByteView bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()), state_->facts.openssl_name);
}

Bytes Digest::finish() {
  Bytes result(state_->facts.size);
  require(EVP_DigestFinal_ex(state_->context.get(), result.data(), nullptr), state_->facts.openssl_name);
  return result;
}

}  // namespace igudar
