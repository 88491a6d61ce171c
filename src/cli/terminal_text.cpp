#include "cli/terminal_text.h"

#include <fmt/format.h>
#include <wchar.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace igudar {

namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 1;  // bytes
};

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

// The code point that `text` begins with; nullopt when it is not one (RFC 3629: no overlong forms, no surrogates).
std::optional<CodePoint> decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return CodePoint{first, 1};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return std::nullopt;
  std::uint32_t value = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return std::nullopt;
    value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return std::nullopt;
  return CodePoint{value, size};
}

bool is_control(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029;
}

// Characters that change the direction or order in which text is shown (Unicode, "Bidirectional Algorithm", 2).
bool is_direction(std::uint32_t point) {
  return point == 0x061C || point == 0x200E || point == 0x200F || (point >= 0x202A && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069);
}

void append_escaped(std::string& out, std::uint32_t point) {
  switch (point) {
    case '\n':
      out += "\\n";
      break;
    case '\t':
      out += "\\t";
      break;
    case '\r':
      out += "\\r";
      break;
    default:
      out += point < 0x80 ? fmt::format("\\x{:02x}", point) : fmt::format("\\u{:04x}", point);
  }
}

std::string escape(std::string_view text, std::string_view backslash) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::optional<CodePoint> point = decode(text);
    if (!point) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    if (is_control(point->value) || is_direction(point->value)) {
      append_escaped(out, point->value);
    } else if (point->value == '\\') {
      out += backslash;
    } else {
      out += text.substr(0, point->size);
    }
    text.remove_prefix(point->size);
  }
  return out;
}

std::size_t width_of(std::uint32_t point) {
  const int width = ::wcwidth(static_cast<wchar_t>(point));
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

}  // namespace

std::string escape_name(std::string_view name) {
  return escape(name, "\\\\");
}

std::string escape_names(const std::vector<std::string>& names, const char* separator) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : separator) + escape_name(name);
  return text;
}

std::string escape_message(std::string_view message) {
  return escape(message, "\\");
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::optional<CodePoint> point = decode(text);
    out += point ? text.substr(0, point->size) : "\xEF\xBF\xBD";
    text.remove_prefix(point ? point->size : 1);
  }
  return out;
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::optional<CodePoint> point = decode(text);
    if (!point) return false;
    text.remove_prefix(point->size);
  }
  return true;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = decode(text).value_or(CodePoint{0xFFFD, 1});
    width += width_of(point.value);
    text.remove_prefix(point.size);
  }
  return width;
}

std::string fit_width(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  std::vector<CodePoint> points;
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < text.size(); at += points.back().size) {
    starts.push_back(at);
    points.push_back(decode(text.substr(at)).value_or(CodePoint{0xFFFD, 1}));
  }
  // The end of a path says more than its begin: it gets two thirds.
  std::size_t tail = points.size();
  std::size_t used = 1;
  while (tail > 0 && used + width_of(points[tail - 1].value) <= columns - columns / 3)
    used += width_of(points[--tail].value);
  std::size_t head = 0;
  while (head < tail && used + width_of(points[head].value) <= columns) used += width_of(points[head++].value);
  const std::string_view begin = text.substr(0, head == points.size() ? text.size() : starts[head]);
  return std::string(begin) + "…" + std::string(tail == points.size() ? "" : text.substr(starts[tail]));
}

}  // namespace igudar
