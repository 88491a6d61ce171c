#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/secret.h"

namespace igudar {

// RSA-OAEP (RFC 8017) with keys of 2048 to 4096 bits, an empty label, and MGF1 with the same hash. All here may be
// called concurrently.
enum class OaepHash : std::uint8_t { sha256 = 1, sha1 = 2 };  // SHA-1 is for tokens that have no other

struct RsaPublicKey {
  Bytes der;  // SubjectPublicKeyInfo
  unsigned bits = 0;
  std::string subject;  // of the certificate it was read from (RFC 2253); else empty
};

bool looks_like_pem(ByteView text);

// From a public key or an X.509 certificate in PEM. `name` is the file's, for messages. Throws usage for what is none,
// for other keys than RSA, those too small or too large, and for a certificate that is not valid at `now` or not for
// encryption. Nobody's signature on the certificate is verified: whoever names it vouches for it.
RsaPublicKey read_rsa_public_key(ByteView pem, const std::string& name, std::time_t now);
// From its big-endian numbers, as tokens tell them. Throws usage as above.
RsaPublicKey make_rsa_public_key(ByteView modulus, ByteView exponent, const std::string& name);

Bytes oaep_encrypt(const RsaPublicKey& key, OaepHash hash, ByteView message);

class RsaPrivateKey {
 public:
  // From PEM (PKCS #8 or PKCS #1). `passphrase` is called when it is encrypted. Throws usage as above, wrong_key when
  // the passphrase is not the one, and what `passphrase` throws.
  RsaPrivateKey(ByteView pem, const std::string& name, const std::function<SecretBytes()>& passphrase);
  ~RsaPrivateKey();
  RsaPrivateKey(RsaPrivateKey&&) noexcept;
  RsaPrivateKey& operator=(RsaPrivateKey&&) noexcept;

  const RsaPublicKey& public_key() const;
  // nullopt when it was encrypted to another key, with another hash, or altered.
  std::optional<SecretBytes> oaep_decrypt(OaepHash hash, ByteView encrypted) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace igudar
