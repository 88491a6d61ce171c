#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "store/object_store.h"

namespace igudar {

// Where a repository is, as the user wrote it.
struct StoreAddress {
  std::string scheme;  // lower case; "file" for a plain path
  std::string rest;    // what follows "scheme:", or the whole path; not decoded
  bool plain_path = false;
};

// Takes text apart: "SCHEME:…" is a URL unless a '/' or '.' comes first ("./a:b", "/x:y", "a/b:c" are paths).
// Throws Error(usage) for empty text.
StoreAddress parse_address(std::string_view location);

// The store at a path, at "file:PATH", "file:///PATH" (percent-encoded) or "sftp://USER@HOST:PORT/PATH"; over a network
// in a RetryingStore. Touches nothing yet. Throws Error(usage), naming the schemes there are, when this one is not known.
std::unique_ptr<ObjectStore> open_store(const std::string& location);

}  // namespace igudar
