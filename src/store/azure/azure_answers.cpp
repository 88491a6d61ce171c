#include "store/azure/azure_answers.h"

#include <pugixml.hpp>
#include <sstream>

#include "base/error.h"
#include "base/translate.h"
#include "net/http_headers.h"
#include "net/url.h"
#include "store/bucket/xml_answer.h"

namespace igudar {

AzureErrorAnswer parse_azure_error(ByteView body) {
  pugi::xml_document document;
  const pugi::xml_node error = parse_element(document, body, "Error");
  return {error.child_value("Code"), error.child_value("Message")};
}

ListPage parse_azure_list(ByteView body) {
  pugi::xml_document document;
  const pugi::xml_node list = require_element(document, body, "EnumerationResults");
  ListPage page;
  for (const pugi::xml_node& blob : list.child("Blobs").children("Blob")) {
    const pugi::xml_node name = blob.child("Name");
    const pugi::xml_node properties = blob.child("Properties");
    if (std::string_view(properties.child_value("ResourceType")) == "directory") continue;
    const auto time = parse_http_date(properties.child_value("Last-Modified"));
    if (!time) throw Error(ErrorCode::failed, tr("a listing has an object without a time"));
    const std::string key = name.child_value();
    // A name that XML cannot hold.
    const bool encoded = name.attribute("Encoded").as_bool();
    page.objects.push_back({encoded ? leniently_percent_decoded(key) : key,
                            properties.child("Content-Length").text().as_ullong(), whole_seconds(*time)});
  }
  page.next = list.child_value("NextMarker");
  return page;
}

std::vector<std::string> parse_azure_blocks(ByteView body) {
  pugi::xml_document document;
  std::vector<std::string> ids;
  for (const pugi::xml_node& block :
       require_element(document, body, "BlockList").child("CommittedBlocks").children("Block"))
    ids.emplace_back(block.child_value("Name"));
  return ids;
}

std::string azure_blocks(const std::vector<std::string>& ids) {
  pugi::xml_document document;
  pugi::xml_node list = document.append_child("BlockList");
  for (const std::string& id : ids) list.append_child("Uncommitted").text() = id.c_str();
  std::ostringstream text;
  document.save(text, "", pugi::format_raw);
  return text.str();
}

}  // namespace igudar
