#pragma once

#include <map>
#include <stop_token>

#include "format/index_segment.h"
#include "ops/check/findings.h"
#include "repo/gc_state.h"
#include "repo/repository.h"

namespace igudar {

// The frames and chunks of one pack, in few bytes: sums of hashes, so that the order does not matter. Equal for an
// index segment and a table of contents that say the same. No defence against forgery, which the seals of both are.
struct PackFingerprint {
  std::uint64_t frames = 0;
  std::uint64_t chunks = 0;
  std::uint64_t ids = 0;
  bool operator==(const PackFingerprint&) const = default;
};
std::map<PackName, PackFingerprint> fingerprints_of(const IndexSegment& segment);

// What the index says of a pack.
struct IndexedPack {
  std::uint64_t size = 0;
  PackType type = PackType::data;
  PackFingerprint contents;
  std::string segment;  // the object that says it
};
// A pack may be in several segments.
using IndexedPacks = std::multimap<PackName, IndexedPack>;

// Reads every index segment from the store, and compares this machine's cached copies with them: one that differs is
// removed, so that it is made anew. Damage goes to `findings`, of condemned segments as remarks. Thread-safe.
IndexedPacks check_index(const Repository& repository, const GcState& gc, Findings& findings, std::stop_token stop);

}  // namespace igudar
