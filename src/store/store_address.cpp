#include "store/store_address.h"

#include <algorithm>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_scheme_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

}  // namespace

StoreAddress parse_address(std::string_view location) {
  if (location.empty())
    throw Error(ErrorCode::usage, tr("the repository's place is empty"),
                tr("Give a folder with --repo, or set IGUDAR_REPOSITORY."));
  const auto colon = std::find_if_not(location.begin(), location.end(), is_scheme_character);
  const bool is_url = is_letter(location.front()) && colon != location.end() && *colon == ':';
  if (!is_url) return {"file", std::string(location), true};
  StoreAddress address{std::string(location.begin(), colon), std::string(colon + 1, location.end()), false};
  for (char& c : address.scheme)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return address;
}

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

std::string tidied_path(std::string_view path) {
  std::string tidy;
  for (const char c : path)
    if (c != '/' || !tidy.ends_with('/')) tidy += c;
  while (tidy.size() > 1 && tidy.ends_with('/')) tidy.pop_back();
  return tidy;
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

std::string_view authority_and_path(const StoreAddress& address) {
  std::string_view rest = address.rest;
  if (!rest.starts_with("//"))
    throw Error(ErrorCode::usage, trf("“//” does not follow “{}:” in the repository's URL", address.scheme));
  rest.remove_prefix(2);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::size_t at = authority.rfind('@');
  if (at != authority.npos && authority.substr(0, at).find(':') != authority.npos)
    throw Error(ErrorCode::usage, tr("a password is in the repository's URL, where others can see it"),
                tr("Change that password, and give the new one as docs/storage.md says for this kind of storage."));
  return rest;
}

std::string take_segment(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string segment(rest.substr(0, slash));
  rest.remove_prefix(slash == rest.npos ? rest.size() : slash + 1);
  return segment;
}

std::string_view without_slashes_around(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace igudar
