#include "store/nfs/nfs_address.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr unsigned kHighestPort = 65535;

[[noreturn]] void refuse(const std::string& why) {
  throw Error(
      ErrorCode::usage, why,
      tr("Write nfs://host/export/folder, where needed with ?uid=1000&gid=1000 or ?nfsport=2049&mountport=20048 "
         "behind it."));
}

unsigned parse_number(std::string_view name, std::string_view text, unsigned least, unsigned most) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most)
    refuse(trf("“{}” in the nfs: URL is not a number from {} to {}", name, least, most));
  return number;
}

void parse_host(std::string_view text, NfsAddress& address) {
  if (text.starts_with('[') && text.ends_with(']'))
    text = text.substr(1, text.size() - 2);
  else if (text.find(':') != std::string_view::npos)
    refuse(tr("the nfs: URL has a port after its host: that is “?nfsport=”, behind the path"));
  if (text.find('@') != std::string_view::npos)
    refuse(tr("the nfs: URL names a user: an NFS server knows numbers only, “?uid=” and “?gid=”, behind the path"));
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c > ' '; });
  if (text.empty() || !printable) refuse(tr("the nfs: URL names no host"));
  address.host = text;
}

void parse_query(std::string_view query, NfsAddress& address) {
  constexpr unsigned kHighestId = ~0U - 1;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const std::string_view name = part.substr(0, part.find('='));
    const std::string_view value = part.substr(std::min(part.size(), name.size() + 1));
    if (name == "uid")
      address.uid = parse_number(name, value, 0, kHighestId);
    else if (name == "gid")
      address.gid = parse_number(name, value, 0, kHighestId);
    else if (name == "nfsport")
      address.nfs_port = parse_number(name, value, 1, kHighestPort);
    else if (name == "mountport")
      address.mount_port = parse_number(name, value, 1, kHighestPort);
    else
      refuse(trf("“{}” in the nfs: URL is none of uid, gid, nfsport and mountport", name));
  }
}

}  // namespace

NfsAddress parse_nfs_address(const StoreAddress& text) {
  std::string_view rest = authority_and_path(text);
  NfsAddress address;
  if (const std::size_t mark = rest.find('?'); mark != std::string_view::npos) {
    parse_query(rest.substr(mark + 1), address);
    rest = rest.substr(0, mark);
  }
  const std::size_t slash = rest.find('/');
  parse_host(rest.substr(0, slash), address);
  if (slash != std::string_view::npos) address.path = tidied_path(percent_decoded(rest.substr(slash)));
  if (address.path.empty() || address.path == "/") refuse(tr("the nfs: URL names no folder"));
  // An export is no place that “..” could leave, and libnfs takes the one beyond it for a failure of its own.
  for (const char* part : {"/./", "/../"})
    if ((address.path + "/").find(part) != std::string::npos) refuse(tr("the nfs: URL has “.” or “..” in its path"));
  return address;
}

std::string nfs_url(const NfsAddress& address, const std::string& path) {
  std::string url = "nfs://";
  url += address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
  url += percent_encoded_path(path);
  char mark = '?';
  const auto add = [&](const char* name, unsigned value) {
    url += mark + std::string(name) + "=" + std::to_string(value);
    mark = '&';
  };
  if (address.uid) add("uid", *address.uid);
  if (address.gid) add("gid", *address.gid);
  if (address.nfs_port != 0) add("nfsport", address.nfs_port);
  if (address.mount_port != 0) add("mountport", address.mount_port);
  return url;
}

}  // namespace igudar
