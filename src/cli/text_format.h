#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

// Numbers, sizes, times and lists as people read and write them, in their language. Pure and thread-safe.

namespace igudar {

// "1,234,567".
std::string format_count(std::uint64_t number);
// Three significant digits in powers of 1024: "0 B", "999 B", "1.23 KiB", "45.6 MiB", "1,000 MiB".
std::string format_size(std::uint64_t bytes);
// "45.6 MiB/s".
std::string format_rate(double bytes_per_second);
// "0.42 s", "12.3 s", "3 min 05 s", "2 h 07 min", "3 d 04 h".
std::string format_duration(double seconds);
// "0:42", "1:02:03": a time that runs.
std::string format_clock(std::uint64_t seconds);
// "37.5 %", of a share between 0 and 1.
std::string format_percent(double share);
// "3.5 ×".
std::string format_factor(double factor);
// "1 file", "1,234 files": the two forms hold one {}. The calls themselves mark them for the
// catalogue (tools/update_translations): write no N_ in them.
std::string format_counted(const char* one, const char* many, std::uint64_t count);
// The first eight digits of an id.
std::string short_id(std::string_view id);

// A size as people write it: "500", "500K", "1.5G", "2 MiB", "10kB" (all in powers of 1024). nullopt when it is none.
std::optional<std::uint64_t> parse_size(std::string_view text);
// A whole number of at most `limit`; nullopt when it is none.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t limit);
// The words with the separator between them.
std::string joined(const std::vector<std::string>& words, const char* separator = ", ");
// "a,b" taken apart at commas, without blanks around and without empty parts.
std::vector<std::string> split_list(std::string_view text);

}  // namespace igudar
