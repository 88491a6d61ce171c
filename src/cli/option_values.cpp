#include "cli/option_values.h"

#include <charconv>
#include <limits>

#include "base/error.h"
#include "base/translate.h"
#include "cli/text_format.h"

namespace igudar {

namespace {

constexpr std::uint64_t kThreadLimit = 256;

[[noreturn]] void throw_bad_value(const std::string& option, const std::string& value, std::string hint) {
  throw Error(ErrorCode::usage, trf("'{}' is not a value of the option '{}'", value, "--" + option), std::move(hint));
}

}  // namespace

std::optional<std::uint64_t> size_value(const Arguments& arguments, const std::string& option) {
  const std::optional<std::string> text = arguments.value(option);
  if (!text) return std::nullopt;
  const std::optional<std::uint64_t> size = parse_size(*text);
  if (!size) throw_bad_value(option, *text, tr("Sizes are written like 500K, 20M or 1.5G."));
  return size;
}

std::optional<TimeNs> time_value(const Arguments& arguments, const std::string& option, bool end_of_day) {
  const std::optional<std::string> text = arguments.value(option);
  if (!text) return std::nullopt;
  const std::optional<TimeNs> time = parse_time(*text, end_of_day);
  if (!time)
    throw_bad_value(option, *text,
                    tr("Times are written like 2026-11-01, '2026-11-01 22:08' or 2026-11-01T22:08:41Z."));
  return time;
}

unsigned thread_count(const Arguments& arguments) {
  const std::optional<std::string> text = arguments.value("threads");
  if (!text) return 0;
  const std::optional<std::uint64_t> count = parse_number(*text, kThreadLimit);
  if (!count || *count == 0) throw_bad_value("threads", *text, trf("It is a number from 1 to {}.", kThreadLimit));
  return static_cast<unsigned>(*count);
}

int keep_count(const Arguments& arguments, const std::string& option) {
  const std::optional<std::string> text = arguments.value(option);
  if (!text) return 0;
  if (*text == "unlimited") return -1;
  const std::optional<std::uint64_t> count =
      parse_number(*text, static_cast<std::uint64_t>(std::numeric_limits<int>::max()));
  if (!count) throw_bad_value(option, *text, tr("It is a number, or 'unlimited'."));
  return static_cast<int>(*count);
}

double unused_percent(const Arguments& arguments) {
  const std::string text = arguments.value_or_default("max-unused");
  if (text == "unlimited") return 100;
  const std::string number = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
  double percent = -1;
  const auto [end, failed] =
      std::from_chars(number.data(), number.data() + number.size(), percent, std::chars_format::fixed);
  if (failed != std::errc{} || end != number.data() + number.size() || !(percent >= 0 && percent <= 100))
    throw_bad_value("max-unused", text, tr("It is a share such as 5%, or 0, or 'unlimited'."));
  return percent;
}

}  // namespace igudar
