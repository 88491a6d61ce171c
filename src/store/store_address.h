#pragma once

#include <string>
#include <string_view>

namespace igudar {

// Where a repository is, as the user wrote it.
struct StoreAddress {
  std::string scheme;  // lower case; "file" for a plain path
  std::string rest;    // what follows "scheme:", or the whole path; not decoded
  bool plain_path = false;
};

// All functions here may be called concurrently.

// Takes text apart: "SCHEME:…" is a URL unless a '/' or '.' comes first ("./a:b", "/x:y", "a/b:c" are paths).
// Throws Error(usage) for empty text.
StoreAddress parse_address(std::string_view location);

// RFC 3986, section 2.1. Throws Error(usage) for a '%' without its two digits, or for a zero byte.
std::string percent_decoded(std::string_view text);

// Without doubled slashes and those at the end.
std::string tidied_path(std::string_view path);

// A path as a URL shows it: legible, but for what would end the URL or not be seen.
std::string percent_encoded_path(std::string_view path);

// What follows "//" in "SCHEME://HOST/PATH". Throws Error(usage) when nothing does, or when a password is in it: an
// address is shown and stored in many places.
std::string_view authority_and_path(const StoreAddress& address);

// Takes what comes before the next '/' off `rest`, and that '/' too.
std::string take_segment(std::string_view& rest);
std::string_view without_slashes_around(std::string_view path);

}  // namespace igudar
