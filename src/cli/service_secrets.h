#pragma once

#include <optional>
#include <string>

#include "base/secret.h"

namespace igudar {

// Where the system itself keeps secrets for programs. Thread-safe functions.

// The file of a credential that systemd passes to its service (LoadCredential=, SetCredentialEncrypted=); nullopt when
// it passes none of that name.
std::optional<std::string> systemd_credential(const std::string& name);

// The value of the key `name`, of type "user", in the keyrings of this process or its user (keyrings(7)). Throws
// not_found, and permission when it may not be read.
SecretBytes keyring_secret(const std::string& name);

}  // namespace igudar
