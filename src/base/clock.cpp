#include "base/clock.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <time.h>

#include <cctype>
#include <cstdlib>
#include <ctime>

namespace igudar {

namespace {

std::chrono::nanoseconds read_clock(clockid_t id) {
  timespec t{};
  ::clock_gettime(id, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

TimeNs floor_seconds(TimeNs time) {
  return time >= 0 ? time / kNsPerSecond : -((-time + kNsPerSecond - 1) / kNsPerSecond);
}

// The zone suffix of an RFC 3339 time in seconds east of UTC; nullopt when there is none or it is malformed.
std::optional<long> parse_zone(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
  for (std::size_t i : {1U, 2U, 4U, 5U})
    if (std::isdigit(static_cast<unsigned char>(zone[i])) == 0) return std::nullopt;
  const long seconds =
      ((zone[1] - '0') * 10 + (zone[2] - '0')) * 3600L + ((zone[4] - '0') * 10 + (zone[5] - '0')) * 60L;
  return zone[0] == '-' ? -seconds : seconds;
}

}  // namespace

TimeNs wall_clock_ns() {
  return read_clock(CLOCK_REALTIME).count();
}
std::chrono::nanoseconds boot_clock() {
  return read_clock(CLOCK_BOOTTIME);
}
std::chrono::nanoseconds steady_clock() {
  return read_clock(CLOCK_MONOTONIC);
}

std::string format_local_time(TimeNs time) {
  const std::time_t seconds = floor_seconds(time);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", parts);
}

std::string format_rfc3339(TimeNs time) {
  const std::time_t seconds = floor_seconds(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z", parts, time - floor_seconds(time) * kNsPerSecond);
}

std::optional<TimeNs> parse_time(std::string_view text, bool end_of_day) {
  if (text == "now") return wall_clock_ns();
  const std::string copy(text);
  std::tm parts{};
  const char* rest = ::strptime(copy.c_str(), "%Y-%m-%d", &parts);
  if (rest == nullptr) return std::nullopt;
  TimeNs fraction = 0;
  if (*rest == '\0') {
    if (end_of_day) {
      parts.tm_hour = 23;
      parts.tm_min = 59;
      parts.tm_sec = 59;
      fraction = kNsPerSecond - 1;
    }
  } else {
    if (*rest != ' ' && *rest != 'T' && *rest != 't') return std::nullopt;
    const char* clock_part = rest + 1;
    rest = ::strptime(clock_part, "%H:%M:%S", &parts);
    if (rest == nullptr) rest = ::strptime(clock_part, "%H:%M", &parts);
    if (rest == nullptr) return std::nullopt;
    if (*rest == '.') {
      TimeNs unit = kNsPerSecond / 10;
      for (++rest; std::isdigit(static_cast<unsigned char>(*rest)) != 0; ++rest, unit /= 10)
        fraction += (*rest - '0') * unit;
    }
  }
  // strptime takes each number by itself: the 30th of February would become the 1st of March.
  const std::chrono::year_month_day day(std::chrono::year(parts.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                        std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  if (!day.ok()) return std::nullopt;
  parts.tm_isdst = -1;
  std::time_t seconds;
  if (*rest != '\0') {
    const std::optional<long> zone = parse_zone(rest);
    if (!zone) return std::nullopt;
    seconds = ::timegm(&parts) - *zone;
  } else {
    seconds = ::mktime(&parts);
  }
  constexpr TimeNs kLargestSecond = 9'223'372'035;
  if (seconds > kLargestSecond || seconds < -kLargestSecond) return std::nullopt;
  return static_cast<TimeNs>(seconds) * kNsPerSecond + fraction;
}

}  // namespace igudar
