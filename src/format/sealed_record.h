#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace igudar {

// Sealed records (docs/format.md section 3): salt ‖ AES-256-GCM of the compressed record under a key of its own.
// Thread-safe functions.
constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kSealOverhead = kSaltSize + 16;

// `info` is what the record is ("snapshot"); `aad` is authenticated with it.
Bytes seal_record(ByteView purpose_key, std::string_view info, ByteView aad, ByteView record);
// The same with a salt chosen before (signed records cover it).
Bytes seal_record(ByteView purpose_key, std::string_view info, ByteView aad, ByteView record, const Id32& salt);
// nullopt when the key is not the right one or a bit was changed; throws damaged when what was sealed is malformed.
std::optional<Bytes> try_open_record(ByteView purpose_key, std::string_view info, ByteView aad, ByteView sealed);
// Throws damaged in both cases.
Bytes open_record(ByteView purpose_key, std::string_view info, ByteView aad, ByteView sealed);

// What lies inside the seal: codec, size and the record. Throws damaged.
Bytes decode_sealed_body(ByteView body);

}  // namespace igudar
