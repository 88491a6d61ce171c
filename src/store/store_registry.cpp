#include "store/store_registry.h"

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "store/local_store.h"
#include "store/retrying_store.h"
#include "store/sftp/sftp_store.h"
#include "store/url_text.h"

namespace igudar {

namespace {

constexpr const char* kFileScheme = "file";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_scheme_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

// RFC 8089, and relative paths besides.
std::unique_ptr<ObjectStore> open_local(const StoreAddress& address) {
  if (address.plain_path) return std::make_unique<LocalStore>(address.rest);
  std::string_view path = address.rest;
  if (path.starts_with("//")) {
    const std::size_t slash = path.find('/', 2);
    const std::string_view host = path.substr(2, slash == path.npos ? path.npos : slash - 2);
    if ((!host.empty() && host != "localhost") || slash == path.npos)
      throw Error(ErrorCode::usage, tr("a “file:” URL cannot name another machine"),
                  tr("Write file:///PATH for a folder of this machine."));
    path.remove_prefix(slash);
  }
  if (path.empty()) throw Error(ErrorCode::usage, tr("the repository's URL names no folder"));
  return std::make_unique<LocalStore>(percent_decoded(path));
}

std::unique_ptr<ObjectStore> open_sftp(const StoreAddress& address) {
  return open_sftp_store(address.rest);
}

// One row for each kind of storage.
struct Scheme {
  const char* name;
  std::unique_ptr<ObjectStore> (*open)(const StoreAddress& address);
  bool retried = false;  // what fails in passing is tried again
};
constexpr Scheme kSchemes[] = {
    {kFileScheme, &open_local},
    {"sftp", &open_sftp, true},
};

std::string known_schemes() {
  std::string names;
  for (const Scheme& scheme : kSchemes) names += (names.empty() ? "" : ", ") + std::string(scheme.name) + ":";
  return names;
}

}  // namespace

StoreAddress parse_address(std::string_view location) {
  if (location.empty())
    throw Error(ErrorCode::usage, tr("the repository's place is empty"),
                tr("Give a folder with --repo, or set IGUDAR_REPOSITORY."));
  const auto colon = std::find_if_not(location.begin(), location.end(), is_scheme_character);
  const bool is_url = is_letter(location.front()) && colon != location.end() && *colon == ':';
  if (!is_url) return {kFileScheme, std::string(location), true};
  StoreAddress address{std::string(location.begin(), colon), std::string(colon + 1, location.end()), false};
  for (char& c : address.scheme)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return address;
}

std::unique_ptr<ObjectStore> open_store(const std::string& location) {
  const StoreAddress address = parse_address(location);
  for (const Scheme& scheme : kSchemes) {
    if (address.scheme != scheme.name) continue;
    std::unique_ptr<ObjectStore> store = scheme.open(address);
    return scheme.retried ? std::make_unique<RetryingStore>(std::move(store)) : std::move(store);
  }
  // Only the scheme is shown: the rest may hold a password.
  throw Error(ErrorCode::usage,
              trf("“{}:” is no kind of storage that this version knows; known: {}", address.scheme, known_schemes()),
              tr("For a folder whose name holds a colon, write ./ before it."));
}

}  // namespace igudar
