#include "store/object_store.h"

#include <algorithm>

#include "base/error.h"

namespace igudar {

const char* folder_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::config:
      return "config";
    case ObjectKind::key:
      return "keys";
    case ObjectKind::pack:
      return "packs";
    case ObjectKind::index:
      return "index";
    case ObjectKind::snapshot:
      return "snapshots";
    case ObjectKind::tombstone:
      return "tombstones";
    case ObjectKind::lease:
      return "leases";
    case ObjectKind::gc:
      return "gc";
    case ObjectKind::epoch:
      return "epochs";
    case ObjectKind::grant:
      return "grants";
    case ObjectKind::audit:
      return "audit";
    case ObjectKind::subject:
      return "subjects";
    case ObjectKind::timestamp:
      return "timestamps";
    case ObjectKind::registry:
      return "registry";
  }
  return "";
}

std::string ObjectName::to_string() const {
  if (kind == ObjectKind::config) return folder_of(kind);
  return std::string(folder_of(kind)) + "/" + id;
}

bool valid_object_id(std::string_view id) {
  constexpr std::size_t kLongest = 80;
  if (id.empty() || id.size() > kLongest || id.front() == '.') return false;
  return std::all_of(id.begin(), id.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '-'; });
}

std::vector<ObjectInfo> list_or_none(const ObjectStore& store, ObjectKind kind, std::stop_token stop) {
  try {
    return store.list(kind, std::move(stop));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return {};
  }
}

}  // namespace igudar
