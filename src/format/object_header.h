#pragma once

#include "base/bytes.h"

namespace igudar {

// The 8 bytes every object begins with (docs/format.md section 1).
enum class HeaderKind : std::uint8_t {
  config = 1,
  key_slot = 2,
  pack = 3,
  index = 4,
  snapshot = 5,
  tombstone = 6,
  lease = 7,
  gc = 8,
  pack_footer = 9,
  epoch = 10,
  grant = 11,
  audit_entry = 12,
  audit_subject = 13,
  registry = 14,
  timestamp = 15,
};
constexpr std::size_t kHeaderSize = 8;

void write_header(Bytes& out, HeaderKind kind);
// Throws damaged for a foreign or short object, unsupported for a newer version.
void check_header(ByteView object, HeaderKind kind);

}  // namespace igudar
