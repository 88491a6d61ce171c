#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "base/bytes.h"
#include "store/object_store.h"

namespace igudar {

// Copies of objects that are named by the SHA-256 of their bytes, in a folder of this machine: what is read from it is
// verified by its name, so that nobody who writes there can do harm. Best effort: what cannot be written is not cached.
//
// Thread safety: all methods may be called concurrently, also from several processes.
class RecordCache {
 public:
  // `folder` is the repository's cache folder; each kind has a folder below it.
  explicit RecordCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::optional<Bytes> read(const ObjectName& name) const;
  void write(const ObjectName& name, ByteView object) const;
  // Removes the copies of objects of a kind that are not among `present`.
  void retain(ObjectKind kind, const std::set<std::string>& present) const;

 private:
  std::filesystem::path folder_;
};

// Whether an object's bytes are those that its name promises.
bool matches_name(const ObjectName& name, ByteView object);

}  // namespace igudar
