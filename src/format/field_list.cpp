#include "format/field_list.h"

#include <algorithm>

namespace igudar {

FieldList::FieldList(ByteView input, const char* what) : what_(what) {
  ByteReader reader(input, what);
  while (!reader.done()) {
    const std::uint64_t tag = reader.varint();
    if (!fields_.empty() && tag < fields_.back().first) reader.fail();
    fields_.emplace_back(tag, reader.bytes());
  }
}

std::optional<ByteView> FieldList::find(std::uint64_t tag) const {
  const auto found = std::lower_bound(fields_.begin(), fields_.end(), tag,
                                      [](const auto& field, std::uint64_t wanted) { return field.first < wanted; });
  if (found == fields_.end() || found->first != tag) return std::nullopt;
  return found->second;
}

std::vector<ByteView> FieldList::find_all(std::uint64_t tag) const {
  std::vector<ByteView> found;
  for (const auto& [field_tag, value] : fields_)
    if (field_tag == tag) found.push_back(value);
  return found;
}

ByteView FieldList::require(std::uint64_t tag) const {
  const std::optional<ByteView> value = find(tag);
  if (!value) fail();
  return *value;
}

ByteView FieldList::require(std::uint64_t tag, std::size_t size) const {
  const ByteView value = require(tag);
  if (value.size() != size) fail();
  return value;
}

std::vector<std::string> FieldList::texts(std::uint64_t tag) const {
  std::vector<std::string> texts;
  for (const ByteView value : find_all(tag)) texts.emplace_back(text_of(value));
  return texts;
}

BoxPublicKey FieldList::box_key(std::uint64_t tag) const {
  const std::optional<BoxPublicKey> key = BoxPublicKey::from(require(tag));
  if (!key) fail();
  return *key;
}

std::vector<Id32> FieldList::ids(std::uint64_t tag) const {
  std::vector<Id32> ids;
  for (const ByteView value : find_all(tag)) {
    if (value.size() != Id32::kSize) fail();
    ids.push_back(Id32::from(value));
  }
  return ids;
}

}  // namespace igudar
