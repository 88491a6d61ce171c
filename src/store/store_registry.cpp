#include "store/store_registry.h"

#include "base/error.h"
#include "base/translate.h"
#include "store/azure/open_azure.h"
#include "store/local_store.h"
#include "store/nfs/open_nfs.h"
#include "store/s3/open_s3.h"
#include "store/sftp/open_sftp.h"

namespace igudar {

namespace {

// RFC 8089, and relative paths besides.
std::unique_ptr<ObjectStore> open_local(const StoreAddress& address, const StoreOptions& /*options*/) {
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

// One row for each kind of storage.
struct Scheme {
  const char* name;
  std::unique_ptr<ObjectStore> (*open)(const StoreAddress& address, const StoreOptions& options);
};
constexpr Scheme kSchemes[] = {
    {"file", &open_local}, {"nfs", &open_nfs},     {"s3", &open_s3},     {"s3+https", &open_s3},
    {"s3+http", &open_s3}, {"azure", &open_azure}, {"sftp", &open_sftp},
};

std::string known_schemes() {
  std::string names;
  for (const Scheme& scheme : kSchemes) names += (names.empty() ? "" : ", ") + std::string(scheme.name) + ":";
  return names;
}

}  // namespace

std::unique_ptr<ObjectStore> open_store(const std::string& location, const StoreOptions& options) {
  const StoreAddress address = parse_address(location);
  for (const Scheme& scheme : kSchemes)
    if (address.scheme == scheme.name) return scheme.open(address, options);
  // Only the scheme is shown: the rest may hold a password.
  throw Error(ErrorCode::usage,
              trf("“{}:” is no kind of storage that this version knows; known: {}", address.scheme, known_schemes()),
              tr("For a folder whose name holds a colon, write ./ before it."));
}

}  // namespace igudar
