#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace igudar {

// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
// The first twelve digits, which tell an id in a message.
std::string short_hex(ByteView bytes);
// The bytes of `hex` (either case); nullopt when it is not an even number of hex digits.
std::optional<Bytes> from_hex(std::string_view hex);

}  // namespace igudar
