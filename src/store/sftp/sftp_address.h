#pragma once

#include <string>

#include "store/store_address.h"

namespace igudar {

// The parts of sftp://[USER@]HOST[:PORT]/PATH. Thread-safe functions.
struct SftpAddress {
  std::string user;   // empty: what ~/.ssh/config says, or the user of this process
  std::string host;   // a name, an address, or a Host of ~/.ssh/config; without the brackets of IPv6
  unsigned port = 0;  // 0: what ~/.ssh/config says, or 22
  std::string path;   // for the server: "/srv/backup"; "backup", from the home folder, for "/~/backup"
};

// Throws Error(usage), which never shows a password.
SftpAddress parse_sftp_address(const StoreAddress& text);

// "sftp://user@host:2222/srv/backup", for any path at that server.
std::string sftp_url(const SftpAddress& address, const std::string& path);

}  // namespace igudar
