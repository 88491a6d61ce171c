#pragma once

#include "base/bytes.h"
#include "crypto/cipher_suite.h"
#include "crypto/signature.h"
#include "format/object_header.h"

namespace igudar {

// What a key slot may do (docs/format.md section 5).
enum class Capability : std::uint8_t { full = 1, write = 2, maintain = 3 };

// The signing half of a slot: its key and the authority's word for it.
struct Signer {
  SigningKey key;
  Capability capability = Capability::full;
  Signature certificate{};
};
// Whether a certificate (below) is the authority's word.
[[nodiscard]] bool is_certified(const Id32& authority, const Id16& repository, const Id32& signer,
                                Capability capability, ByteView certificate);
Signature certify(const SigningKey& authority, const Id16& repository, const Id32& signer, Capability capability);

// Where a signed record belongs: what its signature covers besides its fields.
struct RecordContext {
  Id16 repository;
  HeaderKind kind = HeaderKind::snapshot;
  std::uint16_t domain = 0;
  CipherSuite suite = CipherSuite::aes_256_gcm;  // new ones are sealed with; any known one is read
};

// A signed and sealed object of its kind (docs/format.md section 3): header ‖ domain ‖ sealed record. `object_id` is
// the text of the object's id for gc records, empty for the others.
Bytes encode_signed_object(const RecordContext& context, ByteView index_key, std::string_view info, ByteView object_id,
                           ByteView fields, const Signer& signer);

struct SignedRecord {
  Bytes fields;
  Id32 signer;
  Capability capability = Capability::full;
};
// Verifies everything: header, seal, certificate and signature. Throws damaged, forged (sound, but not signed by one
// who may) or unsupported.
SignedRecord decode_signed_object(const RecordContext& context, ByteView index_key, std::string_view info,
                                  ByteView object_id, const Id32& authority, ByteView object);

}  // namespace igudar
