#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace igudar {

// Nanoseconds since the Unix epoch, UTC. Spans 1677 to 2262.
using TimeNs = std::int64_t;
constexpr TimeNs kNsPerSecond = 1'000'000'000;
constexpr TimeNs kNsPerDay = 24 * 3600 * kNsPerSecond;

TimeNs wall_clock_ns();
// Since boot, suspended time included (CLOCK_BOOTTIME): what leases are measured with.
std::chrono::nanoseconds boot_clock();
// For measuring durations.
std::chrono::nanoseconds steady_clock();

// "2026-11-21 02:57:04" in local time.
std::string format_local_time(TimeNs time);
// "2026-11-21T02:57:04.123456789Z", for programs.
std::string format_rfc3339(TimeNs time);
// Accepts "2026-11-21", "2026-11-21 02:57", "2026-11-21 02:57:04" (local), "…T…Z", "…T…+01:00" and "now".
// A date alone means its end (23:59:59.999999999) when `end_of_day`, else its start.
std::optional<TimeNs> parse_time(std::string_view text, bool end_of_day);

}  // namespace igudar
