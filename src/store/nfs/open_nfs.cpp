#include "store/nfs/open_nfs.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "base/translate.h"
#include "store/retrying_store.h"
#include "store/tree/file_tree_store.h"

namespace igudar {

NfsOptions nfs_options_from_environment() {
  constexpr const char* kConnections = "IGUDAR_NFS_CONNECTIONS";
  constexpr unsigned kMost = 64;
  NfsOptions options;
  const char* value = std::getenv(kConnections);
  const std::string_view text = value == nullptr ? "" : value;
  if (text.empty()) return options;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), options.connections);
  if (error != std::errc() || end != text.data() + text.size() || options.connections == 0 ||
      options.connections > kMost)
    throw Error(ErrorCode::usage, trf("{} must be a number from 1 to {}", kConnections, kMost));
  return options;
}

std::unique_ptr<ObjectStore> open_nfs(const StoreAddress& address, const StoreOptions& /*options*/) {
  NfsAddress place = parse_nfs_address(address);
  std::string root = place.path;
  auto files = std::make_shared<NfsFiles>(std::move(place), nfs_options_from_environment());
  const RetryPolicy until_the_deadline{.retries = ~0U};
  return std::make_unique<RetryingStore>(
      std::make_shared<FileTreeStore>(std::move(files), std::move(root), until_the_deadline), until_the_deadline);
}

}  // namespace igudar
