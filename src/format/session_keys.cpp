#include "format/session_keys.h"

#include "crypto/kdf.h"

namespace igudar {

namespace {

constexpr std::size_t kKeySize = 32;

}  // namespace

SecretBytes derive_session_key(ChunkType type, ByteView secret, const SessionId& session) {
  return hkdf_sha256(secret, session.view(),
                     type == ChunkType::data ? "igudar session data" : "igudar session metadata", kKeySize);
}

SecretBytes derive_refset_key(ByteView index_key, const SessionId& session) {
  return hkdf_sha256(index_key, session.view(), "igudar session refset", kKeySize);
}

SecretBytes derive_description_key(ByteView secret, const SessionId& session) {
  return hkdf_sha256(secret, session.view(), "igudar session description", kKeySize);
}

}  // namespace igudar
