#pragma once

#include <stop_token>
#include <string>

#include "base/secret.h"
#include "base/unique_fd.h"

namespace igudar {

// Where passwords come from that a user names: a file or a command. Thread-safe functions.

// The first line of a file or stream, without its end. Throws usage when it is longer than a password may be.
SecretBytes read_password_line(int fd, const std::string& name);

UniqueFd open_password_file(const std::string& path);
// Whether more users than its owner (`mode` says which: S_IROTH, S_IRGRP | S_IROTH) may read the open regular file.
bool is_readable_by(int fd, unsigned mode);

// The first line that /bin/sh writes to its standard output for `command`. Throws failed when it ends in failure.
SecretBytes password_from_command(const std::string& command, std::stop_token stop);

}  // namespace igudar
