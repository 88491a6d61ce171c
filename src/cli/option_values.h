#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "cli/arguments.h"

// The values of options as what they mean. All throw Error(usage) that names the option and shows what it accepts.

namespace igudar {

// nullopt when the option was not given.
std::optional<std::uint64_t> size_value(const Arguments& arguments, const std::string& option);
std::optional<TimeNs> time_value(const Arguments& arguments, const std::string& option, bool end_of_day);
// 0 when it was not given.
unsigned thread_count(const Arguments& arguments);
// A number, or -1 for "unlimited"; 0 when it was not given.
int keep_count(const Arguments& arguments, const std::string& option);
// "5%", "5", "0", "unlimited" (100).
double unused_percent(const Arguments& arguments);

}  // namespace igudar
