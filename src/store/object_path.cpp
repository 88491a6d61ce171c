#include "store/object_path.h"

namespace igudar {

namespace {

constexpr std::size_t kFanCharacters = 2;

}  // namespace

std::string path_prefix(ObjectKind kind) {
  std::string prefix = folder_of(kind);
  if (kind != ObjectKind::config) prefix += '/';
  return prefix;
}

std::string object_path(const ObjectName& name) {
  std::string path = path_prefix(name.kind);
  if (name.kind == ObjectKind::pack) path += name.id.substr(0, kFanCharacters) + "/";
  return path + name.id;
}

std::optional<ObjectName> object_at(ObjectKind kind, std::string_view path) {
  const std::size_t slash = path.rfind('/');
  ObjectName name{kind, kind == ObjectKind::config ? "" : std::string(path.substr(slash == path.npos ? 0 : slash + 1))};
  const bool valid = kind == ObjectKind::config || valid_object_id(name.id);
  return valid && object_path(name) == path ? std::optional(name) : std::nullopt;
}

std::string folder_path(const std::string& name) {
  return "domains/" + name + "/";
}

}  // namespace igudar
