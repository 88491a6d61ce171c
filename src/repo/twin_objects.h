#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "repo/damaged_object.h"

namespace igudar {

// Objects that are stored twice with equal bytes, STEM.1 and STEM.2, since losing the only one would lose everything:
// key slots, epochs, grants. Thread-safe functions.

constexpr const char* kTwinSuffixes[] = {".1", ".2"};
constexpr std::uint64_t kLargestTwin = 16U << 20;  // in bytes

inline ObjectName twin_name(ObjectKind kind, const std::string& stem, const char* suffix) {
  return {kind, stem + suffix};
}

// The stems of which any copy is listed, sorted. A place that is missing holds none.
std::vector<std::string> list_twins(const ObjectStore& store, ObjectKind kind, std::stop_token stop);
// Durable once it returns. Throws already_exists, with nothing stored, when the first copy is there.
void put_twins(ObjectStore& store, ObjectKind kind, const std::string& stem, ByteView object, std::stop_token stop);
// Puts back the copies in `damaged`, of which another is `sound`.
void mend_twins(ObjectStore& store, const std::vector<DamagedObject>& damaged, ByteView sound, std::stop_token stop);
void remove_twins(ObjectStore& store, ObjectKind kind, const std::string& stem, std::stop_token stop);

// A copy as it was read, both at once where the storage is far.
struct FetchedTwin {
  ObjectName name;
  Bytes content;
  std::optional<Error> error;
};
std::vector<FetchedTwin> fetch_twins(const ObjectStore& store, ObjectKind kind, const std::string& stem,
                                     std::stop_token stop);

// What the store has of one.
template <typename T>
struct Twins {
  std::optional<T> value;              // of the first copy that is sound
  std::vector<DamagedObject> damaged;  // copies that are missing (code not_found) or damaged
  std::vector<DamagedObject> newer;    // copies of a newer program; beside one that is sound they are damaged
};

// Reads both copies, each by decode(bytes). Throws only what is not the objects' fault.
template <typename Decode>
auto read_twins(const ObjectStore& store, ObjectKind kind, const std::string& stem, Decode&& decode,
                std::stop_token stop) -> Twins<decltype(decode(Bytes()))> {
  Twins<decltype(decode(Bytes()))> result;
  const std::vector<FetchedTwin> copies = fetch_twins(store, kind, stem, stop);
  for (const FetchedTwin& copy : copies) {
    const ObjectName& name = copy.name;
    try {
      if (copy.error) throw Error(*copy.error);
      auto value = decode(copy.content);
      if (!result.value) result.value = std::move(value);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::unsupported)
        result.newer.push_back({name, error});
      else if (is_loss(error))
        result.damaged.push_back({name, error});
      else
        throw;
    }
  }
  if (result.value) {
    result.damaged.insert(result.damaged.end(), result.newer.begin(), result.newer.end());
    result.newer.clear();
  }
  return result;
}

}  // namespace igudar
