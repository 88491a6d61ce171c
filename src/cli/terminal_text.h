#pragma once

#include <string>
#include <string_view>
#include <vector>

// What may safely be sent to a terminal. Names in a backup are chosen by others: they can hold escape sequences,
// newlines and text that is shown in another order than it is written. Pure and thread-safe.

namespace igudar {

// Valid UTF-8 without control or direction characters. They become \n, \t, \r, \x1b (of one byte, also where the bytes
// are not UTF-8) or \u202e, and a backslash is doubled, so that two different names never look the same.
std::string escape_name(std::string_view name);
// Names with the separator between them.
std::string escape_names(const std::vector<std::string>& names, const char* separator);
// The same for a sentence, in which backslashes stay single.
std::string escape_message(std::string_view message);
// UTF-8 with U+FFFD in the place of what is not.
std::string replace_invalid_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);

// Columns that valid UTF-8 takes on a terminal (wcwidth, in the locale's character type).
std::size_t display_width(std::string_view text);
// `text`, or as much of its begin and end as fit in `columns`, with "…" between.
std::string fit_width(std::string_view text, std::size_t columns);

}  // namespace igudar
