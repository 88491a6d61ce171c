#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "format/chunk.h"
#include "format/signed_record.h"

namespace igudar {

// Generations of garbage collection (docs/format.md section 14).

// gc/G: what generation G condemns.
struct Condemnation {
  std::uint64_t generation = 0;
  std::vector<PackName> packs;
  std::vector<Id32> segments;
  TimeNs time = 0;
  Id32 signer{};  // of one that was read
};
// gc/G.swept: G is over, and what it condemned is gone.
struct SweptMark {
  std::uint64_t generation = 0;
  TimeNs time = 0;
  Id32 signer{};  // of one that was read
};

std::string gc_object_id(std::uint64_t generation);     // 16 hex digits
std::string swept_object_id(std::uint64_t generation);  // and ".swept"

Bytes encode_condemnation(const RecordContext& context, const IndexKeys& keys, const Signer& signer,
                          const Condemnation& record);
Condemnation decode_condemnation(const RecordContext& context, const IndexKeys& keys, const Id32& authority,
                                 std::uint64_t generation, ByteView object);
Bytes encode_swept_mark(const RecordContext& context, const IndexKeys& keys, const Signer& signer,
                        const SweptMark& record);
SweptMark decode_swept_mark(const RecordContext& context, const IndexKeys& keys, const Id32& authority,
                            std::uint64_t generation, ByteView object);

// The fields inside seal and signature. Throws damaged.
Condemnation decode_gc_fields(ByteView record);

}  // namespace igudar
