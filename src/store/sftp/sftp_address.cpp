#include "store/sftp/sftp_address.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::string_view kHome = "/~";

[[noreturn]] void refuse(const char* why) {
  throw Error(ErrorCode::usage, why,
              tr("Write sftp://user@host/srv/backup, or sftp://user@host/~/backup for a folder in the user's home."));
}

unsigned parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
    refuse(tr("the port in the sftp: URL is not a number from 1 to 65535"));
  return port;
}

void parse_host(std::string_view text, SftpAddress& address) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) refuse(tr("the sftp: URL has a “[” without its “]”"));
    address.host = text.substr(1, bracket - 1);
    port = text.substr(bracket + 1);
  } else {
    const std::size_t colon = text.find(':');
    address.host = text.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
  }
  // A host that begins with '-' could be taken for an option by a ProxyCommand of ~/.ssh/config.
  const bool printable = std::all_of(address.host.begin(), address.host.end(), [](char c) { return c > ' '; });
  if (address.host.empty() || address.host.front() == '-' || !printable) refuse(tr("the sftp: URL names no host"));
  if (port.empty()) return;
  if (!port.starts_with(':')) refuse(tr("the sftp: URL names no host"));
  address.port = parse_port(port.substr(1));
}

// Without doubled slashes and those at the end.
std::string tidied(std::string_view path) {
  std::string tidy;
  for (const char c : path)
    if (c != '/' || !tidy.ends_with('/')) tidy += c;
  while (tidy.size() > 1 && tidy.ends_with('/')) tidy.pop_back();
  return tidy;
}

// Legible, but for what would end the URL or not be seen.
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

}  // namespace

SftpAddress parse_sftp_address(const StoreAddress& text) {
  const std::string_view rest = authority_and_path(text);
  const std::size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  SftpAddress address;
  if (const std::size_t at = authority.find_last_of('@'); at != std::string_view::npos) {
    address.user = percent_decoded(authority.substr(0, at));
    if (address.user.empty() || address.user.front() == '-') refuse(tr("the sftp: URL has an “@” without a user"));
    authority.remove_prefix(at + 1);
  }
  parse_host(authority, address);
  const std::string path = slash == std::string_view::npos ? "" : tidied(percent_decoded(rest.substr(slash)));
  if (path == kHome)
    address.path = ".";
  else if (path.starts_with(std::string(kHome) + "/"))
    address.path = path.substr(kHome.size() + 1);
  else
    address.path = path;
  if (address.path.empty() || address.path == "/") refuse(tr("the sftp: URL names no folder"));
  return address;
}

std::string sftp_url(const SftpAddress& address, const std::string& path) {
  std::string url = "sftp://";
  if (!address.user.empty()) url += address.user + "@";
  url += address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
  if (address.port != 0) url += ":" + std::to_string(address.port);
  if (path.starts_with('/')) return url + percent_encoded_path(path);
  return url + std::string(kHome) + (path == "." ? "" : "/" + percent_encoded_path(path));
}

}  // namespace igudar
