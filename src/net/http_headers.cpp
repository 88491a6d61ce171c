#include "net/http_headers.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <limits>

namespace igudar {

namespace {
constexpr std::chrono::seconds kLongestRetryAfter = std::chrono::hours(24);
}  // namespace

std::optional<TimeNs> parse_http_date(const std::string& text) {
  const std::time_t seconds = curl_getdate(text.c_str(), nullptr);
  if (seconds < 0 || seconds > std::numeric_limits<TimeNs>::max() / kNsPerSecond) return std::nullopt;
  return TimeNs{seconds} * kNsPerSecond;
}

std::string format_http_date(TimeNs time) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = time / kNsPerSecond;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[parts.tm_wday], parts.tm_mday,
                     kMonths[parts.tm_mon], 1900 + parts.tm_year, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::optional<TimeNs> answered_at(const HttpResponse& response) {
  const std::string* date = response.header("date");
  return date == nullptr ? std::nullopt : parse_http_date(*date);
}

std::chrono::milliseconds retry_after(const HttpResponse& response) {
  const std::string* value = response.header("retry-after");
  if (value == nullptr) return {};
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), seconds);
  if (error != std::errc() || end != value->data() + value->size()) {
    const auto until = parse_http_date(*value);
    if (!until) return {};
    seconds = (*until - answered_at(response).value_or(wall_clock_ns())) / kNsPerSecond;
  }
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kLongestRetryAfter.count()));
}

}  // namespace igudar
