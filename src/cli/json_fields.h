#pragma once

// For .cpp files only: it brings the whole JSON library.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hex.h"
#include "cli/terminal_text.h"

namespace igudar {

// Keys stay in the order they are written in.
using Json = nlohmann::ordered_json;

// Text that came from outside, invalid UTF-8 replaced.
inline std::string json_text(std::string_view text) {
  return replace_invalid_utf8(text);
}

// A name as `key`; when it is not UTF-8, its bytes in hexadecimal as `key`_bytes too.
inline void put_name(Json& object, const std::string& key, std::string_view name) {
  object[key] = json_text(name);
  if (!is_valid_utf8(name)) object[key + "_bytes"] = to_hex(view_of(name));
}

inline std::string json_time(TimeNs time) {
  return format_rfc3339(time);
}

inline Json json_texts(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(json_text(text));
  return list;
}

}  // namespace igudar
