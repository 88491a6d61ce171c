#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "crypto/cipher_suite.h"
#include "crypto/sealed_box.h"
#include "crypto/signature.h"

namespace igudar {

// A signing key that does not count any more, but for what it had signed until then.
struct Withdrawal {
  Id32 signer;
  TimeNs time = 0;
  std::uint64_t generation = 0;  // of garbage collection, up to which its records count
  std::vector<Id32> accepted;    // ids of its snapshots and tombstones that count
};

// What is to become of what was stored under older epochs.
enum class Rekeying : std::uint8_t {
  none = 0,
  secrets = 1,  // the secrets of its sessions are to be sealed to this one
  content = 2   // it is to be stored anew under this one
};

// That an epoch of a domain's keys has begun (docs/format.md section 5.2). It is there for all to see; its secrets are
// in grants.
struct EpochRecord {
  Id16 domain;
  std::uint16_t epoch = 0;
  TimeNs began = 0;
  BoxPublicKey data_public_key;
  CipherSuite suite = CipherSuite::aes_256_gcm;
  std::optional<Id32> before;  // SHA-256 of the record of the epoch before; none of the first that has one
  std::vector<Withdrawal> withdrawals;
  Rekeying older = Rekeying::none;
};

Bytes encode_epoch_record(const Id16& repository, const EpochRecord& record, const SigningKey& authority);
// Throws damaged, truncated, unsupported or forged.
EpochRecord decode_epoch_record(const Id16& repository, const Id32& authority, ByteView object);
// The field list inside, nothing verified. Throws damaged or unsupported.
EpochRecord decode_epoch_fields(ByteView body);

}  // namespace igudar
