#pragma once

#include <string>

#include "base/secret.h"

namespace igudar {

// A file that holds a secret key, whole. Throws permission when others than its owner can read it, usage when it is too
// large or no regular file, and what the system reports. Thread-safe.
SecretBytes read_secret_file(const std::string& path);
// The same for a file whose readers systemd has seen to: its mode shows the mask of an access control list.
SecretBytes read_service_file(const std::string& path);
// A file with public keys.
Bytes read_public_file(const std::string& path);
// A new file of mode 0600, durable once this returns. Throws already_exists rather than replace one.
void write_secret_file(const std::string& path, ByteView content);

}  // namespace igudar
