#include "store/checks.h"

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

void throw_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorCode::interrupted, tr("stopped on request"));
}

void require_valid(const ObjectName& name) {
  const bool valid = name.kind == ObjectKind::config ? name.id.empty() : valid_object_id(name.id);
  if (!valid) throw Error(ErrorCode::failed, trf("“{}” cannot name an object of a repository", name.to_string()));
}

void throw_already_exists(const ObjectName& name, const std::string& location) {
  throw Error(ErrorCode::already_exists, trf("{} exists already in {}", name.to_string(), location));
}

void throw_not_found(const ObjectName& name, const std::string& location) {
  throw Error(ErrorCode::not_found, trf("{} does not exist in {}", name.to_string(), location));
}

void throw_over_limit(const ObjectName& name, const std::string& location, std::uint64_t size, std::uint64_t limit) {
  throw Error(ErrorCode::damaged,
              trf("{} in {} has {} bytes, but at most {} are possible", name.to_string(), location, size, limit));
}

void throw_truncated(const ObjectName& name, const std::string& location, std::uint64_t wanted_end) {
  throw Error(ErrorCode::truncated, trf("{} in {} ends before byte {}", name.to_string(), location, wanted_end));
}

}  // namespace igudar
