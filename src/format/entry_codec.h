#pragma once

#include <string>
#include <string_view>

#include "format/entry.h"
#include "format/table_page.h"

namespace igudar {

// Entries as keys and values of a tree's table (docs/format.md section 10.2). Thread-safe functions.

std::string key_of_path(std::string_view path);
// Throws damaged when the key holds an empty component, "." or "..".
std::string path_of_key(std::string_view key);

// Appends the value of `entry` (all but its path) to `out`.
void encode_entry_value(const Entry& entry, Bytes& out);
// Throws damaged unless the value is well-formed and consistent (level-0 extents add up to the size).
Entry decode_entry(std::string_view key, ByteView value);
// The same into an entry that is used again, its path left alone.
void decode_entry_value(ByteView value, Entry& entry);
// What an entry adds to the sums of its page.
PageSums sums_of(const Entry& entry);

// Extent lists (section 10.3).
Bytes encode_extent_list(const std::vector<Extent>& extents);
std::vector<Extent> decode_extent_list(ByteView list);
// Whether the extents cover exactly `size` bytes, and none above level 0 is a hole. Entries are decoded only if so; for
// what an extent list holds its reader has to ask.
bool covers(const Content& content, std::uint64_t size);
constexpr std::size_t kMostDirectExtents = 1024;
// Whether a list that now has `count` extents ends after `last`.
bool ends_extent_list(const Extent& last, std::size_t count);

}  // namespace igudar
