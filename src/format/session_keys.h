#pragma once

#include "base/secret.h"
#include "format/chunk.h"

namespace igudar {

// What follows from the secret of a backup session, 32 random bytes that only a holder of the domain's secret data key
// learns again (docs/format.md sections 8 and 11). Thread-safe functions.

constexpr std::size_t kSessionSecretSize = 32;

// The session key of frames of `type`. Those of reference sets do not follow from the secret, so that garbage
// collection can read them: they have derive_refset_key().
SecretBytes derive_session_key(ChunkType type, ByteView secret, const SessionId& session);
SecretBytes derive_refset_key(ByteView index_key, const SessionId& session);
// The purpose key of the description of the session's snapshot.
SecretBytes derive_description_key(ByteView secret, const SessionId& session);

}  // namespace igudar
