#include "cli/json_fields.h"

#include <nlohmann/json.hpp>

#include "base/hex.h"

namespace igudar {

void put_name(Json& object, const std::string& key, std::string_view name) {
  object[key] = json_text(name);
  if (!is_valid_utf8(name)) object[key + "_bytes"] = to_hex(view_of(name));
}

Json json_texts(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(json_text(text));
  return list;
}

}  // namespace igudar
