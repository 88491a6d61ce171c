#include "cli/text_format.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "base/translate.h"

namespace igudar {

namespace {

struct Separators {
  std::string thousands;
  std::string decimal;
};

// Reads the language's separators off the translation of one number.
Separators separators() {
  // Translators: write this number as your language does, with its separators.
  const std::string sample = tr("1,234.5");
  const std::size_t middle = sample.find("234");
  const std::size_t end = sample.rfind('5');
  if (middle == std::string::npos || middle == 0 || end == std::string::npos || end < middle + 3) return {",", "."};
  return {sample.substr(1, middle - 1), sample.substr(middle + 3, end - middle - 3)};
}

std::string grouped(const std::string& digits, const std::string& separator) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) out += separator;
    out += digits[i];
  }
  return out;
}

// `value` >= 0 with three significant digits, never fewer than those before the point.
std::string three_digits(double value) {
  const int places = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  const std::string plain = fmt::format("{:.{}f}", value, places);
  const Separators with = separators();
  const std::size_t point = plain.find('.');
  if (point == std::string::npos) return grouped(plain, with.thousands);
  return grouped(plain.substr(0, point), with.thousands) + with.decimal + plain.substr(point + 1);
}

std::string one_decimal(double value) {
  std::string digits = fmt::format("{:.1f}", value);
  return digits.replace(digits.find('.'), 1, separators().decimal);
}

constexpr std::array kUnits = {N_("{} B"),   N_("{} KiB"), N_("{} MiB"), N_("{} GiB"),
                               N_("{} TiB"), N_("{} PiB"), N_("{} EiB")};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The power of 1024 that a suffix means: "", "B", "k", "KiB", "kB" …
std::optional<int> unit_power(std::string_view suffix) {
  if (suffix.empty() || suffix == "B" || suffix == "b") return 0;
  const std::size_t power =
      std::string_view("KMGTPE").find(static_cast<char>(std::toupper(static_cast<unsigned char>(suffix[0]))));
  if (power == std::string_view::npos) return std::nullopt;
  const std::string_view rest = suffix.substr(1);
  if (!rest.empty() && rest != "B" && rest != "b" && rest != "iB" && rest != "i") return std::nullopt;
  return static_cast<int>(power) + 1;
}

}  // namespace

std::string format_count(std::uint64_t number) {
  return grouped(std::to_string(number), separators().thousands);
}

std::string format_size(std::uint64_t bytes) {
  if (bytes < 1024) return trf(kUnits[0], format_count(bytes));
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1023.5 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return trf(kUnits[unit], three_digits(value));
}

std::string format_rate(double bytes_per_second) {
  return trf("{}/s", format_size(static_cast<std::uint64_t>(std::llround(std::max(0.0, bytes_per_second)))));
}

std::string format_duration(double seconds) {
  if (seconds < 59.95) return trf("{} s", three_digits(std::max(0.0, seconds)));
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 3600) return trf("{} min {:02} s", whole / 60, whole % 60);
  if (whole < 86400) return trf("{} h {:02} min", whole / 3600, whole / 60 % 60);
  return trf("{} d {:02} h", whole / 86400, whole / 3600 % 24);
}

std::string format_clock(std::uint64_t seconds) {
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string format_percent(double share) {
  return trf("{} %", one_decimal(share * 100));
}

std::string format_factor(double factor) {
  return one_decimal(factor) + " ×";
}

std::string format_counted(const char* one, const char* many, std::uint64_t count) {
  return trf_plural(one, many, count, format_count(count));
}

std::string short_id(std::string_view id) {
  return std::string(id.substr(0, 8));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  text = trimmed(text);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + digits, number, std::chars_format::fixed);
  if (failed != std::errc{} || end != text.data() + digits) return std::nullopt;
  const std::optional<int> power = unit_power(trimmed(text.substr(digits)));
  if (!power) return std::nullopt;
  const double bytes = std::ldexp(number, 10 * *power);
  if (!(bytes < 18446744073709549568.0)) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t limit) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size() || number > limit) return std::nullopt;
  return number;
}

std::string joined(const std::vector<std::string>& words, const char* separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (const std::string_view part = trimmed(text.substr(0, comma)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

}  // namespace igudar
