#pragma once

#include "base/bytes.h"
#include "base/clock.h"

namespace pugi {
class xml_document;
class xml_node;
}  // namespace pugi

namespace igudar {

// The XML that services answer with. Entities that a document declares are not expanded. All functions may be called
// concurrently, on different documents.

// The document's element of that name, whatever its namespace; an empty node when there is another or none.
pugi::xml_node parse_element(pugi::xml_document& document, ByteView body, const char* element);
// The same; throws Error(failed) when it is not there.
pugi::xml_node require_element(pugi::xml_document& document, ByteView body, const char* element);
TimeNs whole_seconds(TimeNs time);

}  // namespace igudar
