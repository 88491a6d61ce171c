#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"

namespace igudar {

enum class Base64Alphabet { standard, url };  // RFC 4648, sections 4 and 5; both with padding

// Both may be called concurrently, and take a time that depends on the size only.
std::string to_base64(ByteView bytes, Base64Alphabet alphabet = Base64Alphabet::standard);
// nullopt when it is not base64 with its padding.
std::optional<SecretBytes> from_base64(std::string_view text, Base64Alphabet alphabet = Base64Alphabet::standard);

}  // namespace igudar
