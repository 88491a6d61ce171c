#pragma once

#include <memory>

#include "store/object_store.h"
#include "store/sftp/sftp_files.h"
#include "store/store_address.h"
#include "store/store_options.h"

namespace igudar {

// What the environment says of SFTP: IGUDAR_SSH_KEY, IGUDAR_SSH_KNOWN_HOSTS, IGUDAR_SSH_CONFIG,
// IGUDAR_SFTP_PASSWORD_FILE, IGUDAR_SFTP_PASSWORD_COMMAND, IGUDAR_SFTP_PASSWORD, IGUDAR_SFTP_CONNECTIONS. Passwords are
// read when a server asks for one. Throws usage for a number that is none.
SftpOptions sftp_options_from_environment();

// The store at sftp://USER@HOST:PORT/PATH, in a RetryingStore. Touches nothing yet. Throws usage.
std::unique_ptr<ObjectStore> open_sftp(const StoreAddress& address, const StoreOptions& options);

}  // namespace igudar
