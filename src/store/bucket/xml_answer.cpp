#include "store/bucket/xml_answer.h"

#include <pugixml.hpp>

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

pugi::xml_node parse_element(pugi::xml_document& document, ByteView body, const char* element) {
  if (!document.load_buffer(body.data(), body.size(), pugi::parse_default, pugi::encoding_utf8)) return {};
  return document.child(element);
}

pugi::xml_node require_element(pugi::xml_document& document, ByteView body, const char* element) {
  const pugi::xml_node node = parse_element(document, body, element);
  if (!node) throw Error(ErrorCode::failed, trf("the answer is not the <{}> that it should be", element));
  return node;
}

TimeNs whole_seconds(TimeNs time) {
  return time / kNsPerSecond * kNsPerSecond;
}

}  // namespace igudar
