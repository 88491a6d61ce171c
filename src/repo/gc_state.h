#pragma once

#include <cstdint>
#include <set>
#include <stop_token>
#include <vector>

#include "format/gc_record.h"
#include "repo/damaged_object.h"
#include "repo/repository.h"

namespace igudar {

// What the newest generation of garbage collection says (docs/format.md section 14, docs/adr/0002-gc-protocol.md; the
// labels W… and P… are its rules). Thread-safe functions.

struct GcState {
  std::uint64_t generation = 0;       // the newest; 0 when there was none
  bool swept = true;                  // whether that one is over: if not, P1 sweeps it before it makes another
  std::set<PackName> condemned;       // packs that count as absent, whether still listed or not
  std::set<Id32> condemned_segments;  // index segments that count as absent
};

// The newest generation by its records' names alone.
struct Generation {
  std::uint64_t number = 0;  // 0 when there was none
  bool swept = true;
  bool operator==(const Generation&) const = default;
};
Generation list_generation(const Repository& repository, std::stop_token stop);

// Reads it, as W1, W3, W6 and P1 do. Throws damaged, naming the record, when it cannot be used.
GcState read_gc_state(const Repository& repository, std::stop_token stop);
// The same for prune and check: damage is added to `damaged` instead. What a damaged gc/G condemned is unknown: it
// counts as swept with nothing condemned, so that the next generation supersedes it. A damaged gc/G.swept counts as
// absent.
GcState read_gc_state(const Repository& repository, std::vector<DamagedObject>& damaged, std::stop_token stop);

// Throws permission unless the slot's capability is full or maintain.
void require_pruning_rights(const KeyRing& keys);

// The records of the newest generation themselves, for the sweep.
Condemnation read_condemnation(const Repository& repository, std::uint64_t generation, std::stop_token stop);

// P3 and P4: creates gc/G. False when another pruner was faster or got further meanwhile: then this one is to end, and
// leaves no record. Durable once it returns true. It and those below throw permission as require_pruning_rights() does.
bool create_condemnation(const Repository& repository, const Condemnation& condemnation, std::stop_token stop);
// P8: says that a generation is over. That another pruner has said so already is not an error.
void put_swept(const Repository& repository, const SweptMark& mark, std::stop_token stop);
// P8: removes the records of all generations before `generation`, which is the newest. That one stays, so that its
// number is never used again.
void remove_old_gc_records(const Repository& repository, std::uint64_t generation, std::stop_token stop);

}  // namespace igudar
