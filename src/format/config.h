#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "chunking/fast_cdc.h"
#include "crypto/cipher_suite.h"
#include "crypto/hash.h"
#include "crypto/sealed_box.h"
#include "crypto/signature.h"

namespace igudar {

constexpr std::uint64_t kLargestConfig = 1U << 20;  // in bytes

enum class Operation { read, write, check, delete_ };

// That the repository keeps to FIPS 140: only approved algorithms, and so another kind of sealed box and another hash
// where pages are cut (docs/format.md section 4).
constexpr const char* kFipsFeature = "fips";

// What anyone must know to use a repository (docs/format.md section 4).
struct Config {
  Id16 repository;
  TimeNs created = 0;
  Id32 authority;
  ChunkSizes chunk_sizes;
  std::uint32_t frame_size = 0;                  // bytes of small chunks gathered into one frame
  std::uint32_t pack_size = 0;                   // a pack is closed when it reaches this
  CipherSuite suite = CipherSuite::aes_256_gcm;  // of the first epoch of the domain "main"
  std::vector<std::string> features_read, features_write, features_check, features_delete;

  // Whether it keeps to FIPS 140; and makes it.
  bool fips() const;
  void require_fips();
  // Of its data key pairs and of its holders.
  BoxKind box_kind() const { return fips() ? BoxKind::p256 : BoxKind::x25519; }

  // Throws unsupported when the repository needs a feature for `operation` that this program lacks.
  void require_support(Operation operation) const;
};

Bytes encode_config(const Config& config, const SigningKey& authority);
// Verifies checksum and signature, the latter against the authority that the object itself names: the caller compares
// that with the one in its key slot. Throws damaged, truncated or unsupported.
Config decode_config(ByteView object);
// Whether an object config says that the repository keeps to FIPS 140, no signature verified: what verifies it is to
// know. Throws damaged, truncated or unsupported.
bool claims_fips(ByteView object);
// The field list inside, nothing verified. Throws damaged or unsupported.
Config decode_config_fields(ByteView record);

}  // namespace igudar
