#pragma once

#include <libssh/libssh.h>

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

#include "base/free_with.h"
#include "store/sftp/ssh_connection.h"

namespace igudar {

using SshSession = OwnedBy<ssh_session_struct, ssh_free>;
using SshKey = OwnedBy<ssh_key_struct, ssh_key_free>;

// The steps from nothing to an authenticated session, none of which blocks for longer than it takes to see a stop
// request. Not thread-safe.

// Waits until the session's socket is ready, a fifth of a second at most.
void wait_for_socket(ssh_session session);

// Repeats `step`, which tells `again` while it waits for the network. Throws interrupted when stopped, io (retryable)
// after `patience`.
int drive(ssh_session session, int again, const std::function<int()>& step, std::chrono::seconds patience,
          const std::string& url, const std::stop_token& stop);

// Throws failed unless the server's key is the one that known_hosts has.
void check_host_key(ssh_session session, const SftpAddress& address, const SshSettings& settings);

// Throws permission when the server accepts neither key nor password.
void authenticate(ssh_session session, const SftpAddress& address, const SshSettings& settings,
                  const std::stop_token& stop);

}  // namespace igudar
