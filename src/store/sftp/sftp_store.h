#pragma once

#include <memory>
#include <string_view>

#include "store/object_store.h"
#include "store/sftp/sftp_files.h"

namespace igudar {

// What the environment says of SFTP: IGUDAR_SSH_KEY, IGUDAR_SSH_KNOWN_HOSTS, IGUDAR_SSH_CONFIG,
// IGUDAR_SFTP_PASSWORD_FILE, IGUDAR_SFTP_PASSWORD_COMMAND, IGUDAR_SFTP_PASSWORD, IGUDAR_SFTP_CONNECTIONS. Passwords are
// read when a server asks for one. Throws usage for a number that is none.
SftpOptions sftp_options_from_environment();

// The store at "sftp:REST". Touches nothing yet. Throws usage.
std::unique_ptr<ObjectStore> open_sftp_store(std::string_view rest);

}  // namespace igudar
