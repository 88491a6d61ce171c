#pragma once

#include "base/bytes.h"
#include "format/index_keys.h"

namespace igudar {

// A lease (docs/format.md section 13): "this session runs, and started from that generation".
enum class LeaseRole : std::uint8_t { writer = 1, pruner = 2 };

struct Lease {
  std::uint64_t generation = 0;
  std::uint64_t seconds = 0;  // it lives from its storage time on
  LeaseRole role = LeaseRole::writer;
  // Who holds it, so that the same machine can tell that the process is gone.
  Id32 machine;  // keyed hash of the machine id
  std::string boot_id;
  std::uint64_t pid_namespace = 0;
  std::uint64_t pid = 0;
  std::uint64_t process_start = 0;  // clock ticks after boot
  bool operator==(const Lease&) const = default;
};

// `object_id` is the lease's id text, "SESSION.N": part of what is authenticated.
Bytes encode_lease(const IndexKeys& keys, std::string_view object_id, const Lease& lease);
Lease decode_lease(const IndexKeys& keys, std::string_view object_id, ByteView object);

// The fields inside the seal. Throws damaged.
Lease decode_lease_fields(ByteView record);

}  // namespace igudar
