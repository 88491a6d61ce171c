#pragma once

#include <string>

namespace igudar {

// How storages on other machines are reached; those in folders take no notice.
struct StoreOptions {
  std::string ca_file{};            // PEM: certificates of servers are judged by these, and not by the system's
  bool verify_certificates = true;  // without it, whoever is on the way can read, change and remove what is stored
};

}  // namespace igudar
