#pragma once

#include "format/config.h"
#include "format/format_testing.h"
#include "format/key_slot.h"
#include "format/snapshot.h"

namespace igudar::testing {

// Records as tests of the format write them: always the same.

inline const Id32 kIndexKey = counted_id<32>(0x40);
inline const Id32 kSecret = counted_id<32>(0x80);
constexpr CipherSuite kSuite = CipherSuite::aes_256_gcm;
inline const IndexKeys kKeys({{3, kSuite, kIndexKey.view()}});

// An authority and a slot's signer certified by it, always the same.
struct Signers {
  SigningKey authority = signing_key_from_seed(counted_id<32>(1).view());
  RecordContext context{counted_id<16>(7), HeaderKind::snapshot};
  Signer signer(Capability capability) const {
    Signer result;
    result.key = signing_key_from_seed(counted_id<32>(2).view());
    result.capability = capability;
    result.certificate = certify(authority, context.domain, result.key.public_key, capability);
    return result;
  }
};

inline Config example_config(const Signers& signers) {
  Config config;
  config.repository = signers.context.domain;
  config.created = 1'800'000'000'000'000'000;
  config.authority = signers.authority.public_key;
  config.frame_size = 2 << 20;
  config.pack_size = 64 << 20;
  config.features_write = {"parity"};
  config.suite = CipherSuite::aes_256_gcm_chacha20_poly1305;
  return config;
}

inline Snapshot example_snapshot() {
  Snapshot snapshot;
  snapshot.tree = {counted_id<32>(1), 2};
  snapshot.refset = {counted_id<32>(2), 0};
  snapshot.heads = {counted_id<32>(3), counted_id<32>(4)};
  snapshot.generation = 5;
  snapshot.time = -1;
  snapshot.storage_time = 1'800'000'000'000'000'000;
  snapshot.refset_pages = {{counted_id<16>(5), 3, 1, 2}};
  snapshot.base = counted_id<32>(3);
  snapshot.audit = AuditReference{counted_id<16>(12), 34, counted_id<32>(13)};
  snapshot.kind = SnapshotKind::stream;
  snapshot.statistics = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1ULL << 40};
  snapshot.session = {counted_id<16>(6), 3, SealedSecret(4, counted_id<80>(7).view())};
  snapshot.description = SnapshotDescription{"host", "user", {"b", "a"}, {"t"}, "igudar 1", {{"k", "v"}, {"l", ""}}};
  return snapshot;
}

inline SlotSecrets example_secrets(const Signers& signers) {
  SlotSecrets secrets;
  secrets.signer = signers.signer(Capability::full);
  secrets.authority = signers.authority.public_key;
  secrets.authority_seed = signers.authority.seed.clone();
  EpochKeys& keys = secrets.epochs.emplace_back();
  keys.epoch = 3;
  keys.suite = CipherSuite::aes_256_gcm_chacha20_poly1305;
  keys.id_key = SecretBytes(counted_id<32>(20).view());
  keys.chunker_key = SecretBytes(counted_id<32>(21).view());
  keys.index_key = SecretBytes(kIndexKey.view());
  keys.data_public_key = counted_id<32>(22);
  secrets.config = {1, 2, 3};
  return secrets;
}

}  // namespace igudar::testing
