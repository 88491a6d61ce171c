#include "store/url_text.h"

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1 || byte->front() == 0)
      throw Error(ErrorCode::usage, tr("a “%” in the repository's URL is not followed by two hexadecimal digits"),
                  tr("Write “%25” for a percent sign, or give the path without “file:”."));
    decoded += static_cast<char>(byte->front());
    i += 2;
  }
  return decoded;
}

std::string percent_encoded_path(std::string_view path) {
  std::string encoded;
  for (const char c : path) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte <= ' ' || byte == 0x7F || c == '%' || c == '?' || c == '#')
      encoded += "%" + to_hex({&byte, 1});
    else
      encoded += c;
  }
  return encoded;
}

}  // namespace igudar
