#include "repo/known_repositories.h"

#include <system_error>

#include "base/hex.h"
#include "crypto/hash.h"
#include "repo/local_file.h"

namespace igudar {

namespace {

constexpr std::size_t kNameDigits = 32;

// A file is the authority in hex, a space and the location, for people.
std::optional<Id32> read_authority(const std::filesystem::path& file) {
  const std::optional<Bytes> content = read_local_file(file);
  if (!content) return std::nullopt;
  const std::optional<Bytes> id = from_hex(text_of(*content).substr(0, 2 * Id32::kSize));
  if (!id || id->size() != Id32::kSize) return std::nullopt;
  return Id32::from(*id);
}

}  // namespace

std::filesystem::path KnownRepositories::file_of(const std::string& location) const {
  return folder_ / to_hex(sha256(view_of(location)).view()).substr(0, kNameDigits);
}

std::optional<Id32> KnownRepositories::at(const std::string& location) const {
  return read_authority(file_of(location));
}

bool KnownRepositories::knows(const Id32& authority) const {
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(folder_, ignored))
    if (read_authority(file.path()) == authority) return true;
  return false;
}

void KnownRepositories::remember(const std::string& location, const Id32& authority) const {
  if (at(location) == authority) return;
  make_private_folder(folder_.parent_path());
  make_private_folder(folder_);
  (void)replace_local_file(file_of(location), view_of(to_hex(authority.view()) + " " + location + "\n"));
}

std::string authority_fingerprint(const Id32& authority) {
  return to_hex(sha256(authority.view()).view()).substr(0, 16);
}

}  // namespace igudar
