#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace igudar {

// Which repositories this machine has opened, and where: by their authority, the public key that all signatures in a
// repository come from. Where a repository was opened with a public key (an identity, an RSA key), nothing but this
// tells that it is the user's own: whoever knows the public half can make another one that opens as well.
//
// Thread-safe, also between processes. Failures to write are answers: what cannot be remembered is not known.
class KnownRepositories {
 public:
  // `folder` is that of the user's state.
  explicit KnownRepositories(const std::filesystem::path& folder) : folder_(folder / "locations") {}

  // The authority of the repository that was opened at `location` last.
  std::optional<Id32> at(const std::string& location) const;
  bool knows(const Id32& authority) const;
  void remember(const std::string& location, const Id32& authority) const;
  // Where it is remembered: for a user who wants it forgotten.
  std::filesystem::path file_of(const std::string& location) const;

 private:
  std::filesystem::path folder_;
};

// The first 16 hex digits of the SHA-256 of an authority: what people compare.
std::string authority_fingerprint(const Id32& authority);

}  // namespace igudar
