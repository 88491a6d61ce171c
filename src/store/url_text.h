#pragma once

#include <string>
#include <string_view>

namespace igudar {

// Text in URLs (RFC 3986, section 2.1). Thread-safe functions.

// Throws Error(usage) where a “%” is not followed by two hexadecimal digits, or stands for a zero byte.
std::string percent_decoded(std::string_view text);
// A path as a URL shows it: what would end it or not be seen is written as “%XX”, the rest stays legible.
std::string percent_encoded_path(std::string_view path);

}  // namespace igudar
