#pragma once

#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "base/bytes.h"
#include "crypto/cipher_suite.h"

namespace igudar {

// Sealed records (docs/format.md section 3): suite ‖ salt ‖ the compressed record, sealed by that suite under a key of
// its own. Thread-safe functions.
constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kSmallestSealedRecord = 1 + kSaltSize + kAeadTagSize;

// `info` is what the record is ("snapshot"); `aad` is authenticated with it.
Bytes seal_record(CipherSuite suite, ByteView purpose_key, std::string_view info, ByteView aad, ByteView record);
// The same with a salt chosen before (signed records cover it).
Bytes seal_record(CipherSuite suite, ByteView purpose_key, std::string_view info, ByteView aad, ByteView record,
                  const Id32& salt);
ByteView salt_of(ByteView sealed);

// Any known suite opens; throws unsupported for one that is not known.
// nullopt when the key is not the right one or a bit was changed; throws damaged when what was sealed is malformed.
std::optional<Bytes> try_open_record(ByteView purpose_key, std::string_view info, ByteView aad, ByteView sealed);
// Throws damaged in both cases.
Bytes open_record(ByteView purpose_key, std::string_view info, ByteView aad, ByteView sealed);

// open_record() for an object that is `aad_size` bytes of AAD and a sealed record: never holds more than two of its
// forms (sealed, compressed, plain) at once.
Buffer open_large_record(ByteView purpose_key, std::string_view info, std::size_t aad_size, Bytes object);

// What lies inside the seal: codec, size and the record. Throws damaged.
Buffer decode_sealed_body(ByteView body);

}  // namespace igudar
