#pragma once

#include <optional>
#include <string>

#include "store/store_address.h"

namespace igudar {

// The parts of nfs://HOST/PATH[?uid=N&gid=N&nfsport=N&mountport=N]; the query is that of libnfs's own URLs. Thread-safe
// functions.
struct NfsAddress {
  std::string host;  // a name or an address; without the brackets of IPv6
  std::string path;  // at the server: "/export/folder"; how much of it is the export, only the server knows
  std::optional<unsigned> uid;
  std::optional<unsigned> gid;
  unsigned nfs_port = 0;    // 0: the server's portmapper is asked
  unsigned mount_port = 0;  // the same
};

// Throws Error(usage).
NfsAddress parse_nfs_address(const StoreAddress& text);

// "nfs://host/export/folder?uid=1000", for any path at that server.
std::string nfs_url(const NfsAddress& address, const std::string& path);

}  // namespace igudar
