#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/bytes.h"
#include "base/secret.h"
#include "store/sftp/sftp_address.h"

namespace igudar {

// How to reach an SFTP server, beside its address.
struct SshSettings {
  std::string known_hosts;  // instead of ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts
  std::string config;       // instead of ~/.ssh/config and /etc/ssh/ssh_config
  std::string key_file;     // instead of the usual ones and those of the configuration
  // The password, asked for when no key was accepted; none when empty.
  std::function<SecretBytes(const std::stop_token&)> password;
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds stall_timeout{60};  // without a byte in either direction
};

// An authenticated connection to an SSH server that is known by its host key, with the subsystem “sftp” on it, as a
// stream of bytes. Not thread-safe; one thread at a time.
//
// Errors: io and retryable when the server cannot be reached or the connection is lost, failed for an unknown or
// changed host key, permission when the server refuses the user. Stopping: within a fifth of a second.
class SshConnection {
 public:
  SshConnection(const SftpAddress& address, const SshSettings& settings, const std::stop_token& stop);
  ~SshConnection();
  SshConnection(const SshConnection&) = delete;
  SshConnection& operator=(const SshConnection&) = delete;

  // Takes what can be sent at once from the front of `bytes`: the number of bytes, perhaps 0.
  std::size_t write_some(ByteView bytes);
  // What has come, as much as fits: the number of bytes, perhaps 0.
  std::size_t read_some(MutableByteView out);
  // Waits until either may get on, or some time passed. Throws when nothing moved for stall_timeout, or when stopped.
  void wait(const std::stop_token& stop);
  // Waiting begins now: what happened before does not count as a stall.
  void start_waiting();
  // False when the server has ended the connection meanwhile.
  bool is_alive();

 private:
  struct Session;

  [[noreturn]] void throw_lost(const std::string& why) const;

  std::unique_ptr<Session> session_;
  std::string url_;
  std::chrono::seconds stall_timeout_;
  std::chrono::nanoseconds last_progress_{};
};

}  // namespace igudar
