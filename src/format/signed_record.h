#pragma once

#include "base/bytes.h"
#include "crypto/signature.h"
#include "format/index_keys.h"
#include "format/object_header.h"

namespace igudar {

// What a key slot may do (docs/format.md section 5).
enum class Capability : std::uint8_t { full = 1, write = 2, maintain = 3 };

// Throws damaged for one that is not known.
Capability to_capability(std::uint8_t value);
// "full", "write", "maintain".
const char* capability_name(Capability capability);

// The signing half of a slot: its key and the authority's word for it.
struct Signer {
  SigningKey key;
  Capability capability = Capability::full;
  Signature certificate{};

  Signer clone() const { return {{key.public_key, key.seed.clone()}, capability, certificate}; }
};
// For one domain.
Signature certify(const SigningKey& authority, const Id16& domain, const Id32& signer, Capability capability);
// Whether a certificate is the authority's word.
[[nodiscard]] bool is_certified(const Id32& authority, const Id16& domain, const Id32& signer, Capability capability,
                                ByteView certificate);

// Where a signed record belongs: what its signature covers besides its fields.
struct RecordContext {
  Id16 domain;  // its id: that of "main" is the repository's
  HeaderKind kind = HeaderKind::snapshot;
};

// A signed and sealed object of its kind (docs/format.md section 3): header ‖ epoch ‖ sealed record. `object_id` is
// the text of the object's id for gc records, empty for the others.
Bytes encode_signed_object(const RecordContext& context, const IndexKeys& keys, std::string_view info,
                           ByteView object_id, ByteView fields, const Signer& signer);

struct SignedRecord {
  Bytes fields;
  Id32 signer;
  Capability capability = Capability::full;
};
// Verifies everything: header, seal, certificate and signature. Throws damaged, forged (sound, but not signed by one
// who may) or unsupported.
SignedRecord decode_signed_object(const RecordContext& context, const IndexKeys& keys, std::string_view info,
                                  ByteView object_id, const Id32& authority, ByteView object);

}  // namespace igudar
