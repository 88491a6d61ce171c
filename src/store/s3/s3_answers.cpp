#include "store/s3/s3_answers.h"

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "base/error.h"
#include "base/translate.h"
#include "net/url.h"
#include "store/bucket/xml_answer.h"

namespace igudar {

namespace {

std::string text(const pugi::xml_node& parent, const char* element) {
  return parent.child_value(element);
}

// Keys are asked for in the encoding of URLs, so that any byte of a foreign key passes through XML.
std::string url_decoded(std::string encoded) {
  std::replace(encoded.begin(), encoded.end(), '+', ' ');
  return leniently_percent_decoded(encoded);
}

}  // namespace

S3ErrorAnswer parse_s3_error(ByteView body) {
  pugi::xml_document document;
  const pugi::xml_node error = parse_element(document, body, "Error");
  return {text(error, "Code"), text(error, "Message"), text(error, "Region")};
}

ListPage parse_s3_list(ByteView body) {
  pugi::xml_document document;
  const pugi::xml_node list = require_element(document, body, "ListBucketResult");
  const bool encoded = text(list, "EncodingType") == "url";
  ListPage page;
  for (const pugi::xml_node& object : list.children("Contents")) {
    const std::string key = text(object, "Key");
    const auto time = parse_time(text(object, "LastModified"), false);
    if (!time) throw Error(ErrorCode::failed, tr("a listing has an object without a time"));
    page.objects.push_back(
        {encoded ? url_decoded(key) : key, object.child("Size").text().as_ullong(), whole_seconds(*time)});
  }
  if (text(list, "IsTruncated") == "true") {
    page.next = text(list, "NextContinuationToken");
    if (page.next.empty()) throw Error(ErrorCode::failed, tr("a listing does not say how it goes on"));
  }
  return page;
}

std::string parse_s3_upload_id(ByteView body) {
  pugi::xml_document document;
  std::string id = text(require_element(document, body, "InitiateMultipartUploadResult"), "UploadId");
  if (id.empty()) throw Error(ErrorCode::failed, tr("an upload was begun without an id"));
  return id;
}

std::vector<Upload> parse_s3_uploads(ByteView body, TimeNs before) {
  pugi::xml_document document;
  std::vector<Upload> uploads;
  for (const pugi::xml_node& upload :
       require_element(document, body, "ListMultipartUploadsResult").children("Upload")) {
    const auto begun = parse_time(text(upload, "Initiated"), false);
    if (begun && *begun < before) uploads.push_back({text(upload, "Key"), text(upload, "UploadId")});
  }
  return uploads;
}

std::string s3_parts(const std::vector<std::string>& tags) {
  pugi::xml_document document;
  pugi::xml_node list = document.append_child("CompleteMultipartUpload");
  for (std::size_t i = 0; i < tags.size(); ++i) {
    pugi::xml_node part = list.append_child("Part");
    part.append_child("PartNumber").text() = static_cast<unsigned>(i + 1);
    part.append_child("ETag").text() = tags[i].c_str();
  }
  std::ostringstream text;
  document.save(text, "", pugi::format_raw);
  return text.str();
}

}  // namespace igudar
