#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/terminal_text.h"

namespace igudar {

// Keys stay in the order they are written in.
using Json = nlohmann::ordered_json;

// Text that came from outside, invalid UTF-8 replaced.
inline std::string json_text(std::string_view text) {
  return replace_invalid_utf8(text);
}

// A name as `key`; when it is not UTF-8, its bytes in hexadecimal as `key`_bytes too.
void put_name(Json& object, const std::string& key, std::string_view name);

inline std::string json_time(TimeNs time) {
  return format_rfc3339(time);
}

Json json_texts(const std::vector<std::string>& texts);

}  // namespace igudar
