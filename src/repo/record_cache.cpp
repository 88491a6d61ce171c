#include "repo/record_cache.h"

#include <system_error>
#include <vector>

#include "base/hex.h"
#include "crypto/hash.h"
#include "repo/local_file.h"

namespace igudar {

std::optional<Bytes> RecordCache::read(const ObjectName& name) const {
  std::optional<Bytes> object = read_local_file(folder_ / folder_of(name.kind) / name.id);
  if (!object || !matches_name(name, *object)) return std::nullopt;
  return object;
}

void RecordCache::write(const ObjectName& name, ByteView object) const {
  std::error_code ignored;
  std::filesystem::create_directory(folder_ / folder_of(name.kind), ignored);
  (void)replace_local_file(folder_ / folder_of(name.kind) / name.id, object);
}

void RecordCache::retain(ObjectKind kind, const std::set<std::string>& present) const {
  std::error_code failed;
  std::vector<std::filesystem::path> outdated;
  for (std::filesystem::directory_iterator at(folder_ / folder_of(kind), failed), end; !failed && at != end;
       at.increment(failed))
    if (!present.contains(at->path().filename().string())) outdated.push_back(at->path());
  for (const std::filesystem::path& path : outdated) std::filesystem::remove(path, failed);
}

bool matches_name(const ObjectName& name, ByteView object) {
  return to_hex(sha256(object).view()) == name.id;
}

}  // namespace igudar
