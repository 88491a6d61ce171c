#pragma once

#include <string_view>

#include "base/bytes.h"
#include "crypto/signature.h"
#include "format/object_header.h"

namespace igudar {

// What the authority says of a repository's keys, in clear for whoever reads the storage (docs/format.md sections 4 and
// 5.2): header ‖ body ‖ signature of "igudar WHAT 1" ‖ repository id ‖ all before ‖ SHA-256 of all before, which tells
// damage from forgery.

Bytes encode_authority_record(HeaderKind kind, std::string_view what, const Id16& repository, ByteView body,
                              const SigningKey& authority);
// The body, verified. Throws damaged, truncated, unsupported, and forged where only the signature is wrong.
Bytes decode_authority_record(HeaderKind kind, std::string_view what, const Id16& repository, const Id32& authority,
                              ByteView object);

}  // namespace igudar
