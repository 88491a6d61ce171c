#pragma once

#include <vector>

#include "base/clock.h"
#include "format/signed_record.h"

namespace igudar {

// Registry entries: signed administrative facts (docs/format.md section 20).

enum class RegistryType : std::uint8_t {
  policy = 1,
  legal_hold = 2,
  consent = 3,
  erasure_plan = 4,
  erasure_confirmation = 5,
  erasure_done = 6,
  personal_source = 7,
  processing = 8
};

struct RegistryEntry {
  RegistryType type = RegistryType::policy;
  TimeNs time = 0;
  TimeNs storage_time = 0;
  std::vector<Id32> replaced = {};  // entries that this one replaces or ends
  Bytes body = {};                  // a field list by type, for every holder of the index key
  Bytes personal = {};              // a field list sealed to the domain's data key; empty where there is none
  Id32 signer = {};
};

// `context.kind` is ignored. The signer comes from `signer`, which has to have the capability full.
Bytes encode_registry_entry(const RecordContext& context, const IndexKeys& keys, const Signer& signer,
                            const RegistryEntry& entry);
// The personal body stays closed. Types that this program does not know are given back all the same. Throws damaged,
// forged or unsupported.
RegistryEntry decode_registry_entry(const RecordContext& context, const IndexKeys& keys, const Id32& authority,
                                    ByteView object);

// The fields inside seal and signature; the signer stays as it is by default. Throws damaged.
RegistryEntry decode_registry_fields(ByteView record);

}  // namespace igudar
