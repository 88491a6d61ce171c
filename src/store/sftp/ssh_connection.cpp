#include "store/sftp/ssh_connection.h"

#include <libssh/libssh.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/clock.h"
#include "base/error.h"
#include "base/translate.h"
#include "concurrency/interruptible_wait.h"
#include "store/checks.h"
#include "store/sftp/ssh_session.h"

namespace igudar {

namespace {

constexpr int kSliceMs = 100;
// AES-GCM first, which processors do faster than what libssh would choose; a configuration may say otherwise.
constexpr const char* kCiphers =
    "aes256-gcm@openssh.com,aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr";

void set_option(ssh_session session, ssh_options_e option, const void* value) {
  if (ssh_options_set(session, option, value) < 0)
    throw Error(ErrorCode::failed, trf("an SSH setting is refused: {}", ssh_get_error(session)));
}

// What the URL says goes before the configuration, and that before our own preferences.
void set_options(ssh_session session, const SftpAddress& address, const SshSettings& settings) {
  const int yes = 1;
  const bool no = false;
  set_option(session, SSH_OPTIONS_HOST, address.host.c_str());
  (void)ssh_options_set(session, SSH_OPTIONS_CIPHERS_C_S, kCiphers);
  (void)ssh_options_set(session, SSH_OPTIONS_CIPHERS_S_C, kCiphers);
  set_option(session, SSH_OPTIONS_NODELAY, &yes);
  const char* config = settings.config.empty() ? nullptr : settings.config.c_str();
  if (ssh_options_parse_config(session, config) < 0)
    throw Error(ErrorCode::failed, trf("the SSH configuration cannot be read: {}", ssh_get_error(session)),
                tr("Look at ~/.ssh/config, or at the file that IGUDAR_SSH_CONFIG names."));
  set_option(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
  if (address.port != 0) set_option(session, SSH_OPTIONS_PORT, &address.port);
  if (!address.user.empty()) set_option(session, SSH_OPTIONS_USER, address.user.c_str());
  if (!settings.known_hosts.empty()) {
    set_option(session, SSH_OPTIONS_KNOWNHOSTS, settings.known_hosts.c_str());
    set_option(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, settings.known_hosts.c_str());
  }
  const int silent = SSH_LOG_NOLOG;
  set_option(session, SSH_OPTIONS_LOG_VERBOSITY, &silent);
}

SshSession connected(const SftpAddress& address, const SshSettings& settings, const std::string& url,
                     const std::stop_token& stop) {
  SshSession session(ssh_new());
  if (!session) throw Error(ErrorCode::failed, tr("there is no memory for an SSH connection"));
  set_options(session.get(), address, settings);
  ssh_set_blocking(session.get(), 0);
  const int result = drive(
      session.get(), SSH_AGAIN, [&] { return ssh_connect(session.get()); }, settings.connect_timeout, url, stop);
  if (result != SSH_OK)
    throw Error(ErrorCode::io, trf("cannot reach {}: {}", url, ssh_get_error(session.get())),
                tr("Check the host's name and port, and that an SSH server runs there."))
        .as_retryable();
  const int yes = 1;
  (void)::setsockopt(ssh_get_fd(session.get()), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  return session;
}

}  // namespace

void wait_for_socket(ssh_session session) {
  const socket_t fd = ssh_get_fd(session);
  if (fd == SSH_INVALID_SOCKET) {
    (void)wait_unless_stopped(std::chrono::milliseconds(10), {});
    return;
  }
  pollfd waited{.fd = fd, .events = POLLIN, .revents = 0};
  if ((ssh_get_poll_flags(session) & SSH_WRITE_PENDING) != 0) waited.events |= POLLOUT;
  (void)::poll(&waited, 1, kSliceMs);
}

int drive(ssh_session session, int again, const std::function<int()>& step, std::chrono::seconds patience,
          const std::string& url, const std::stop_token& stop) {
  const std::chrono::nanoseconds end = steady_clock() + patience;
  for (;;) {
    throw_if_stopped(stop);
    const int result = step();
    if (result != again) return result;
    if (steady_clock() > end)
      throw Error(ErrorCode::io, trf("cannot reach {}: no answer within {} seconds", url, patience.count()),
                  tr("Check the host's name and port, and that no firewall is in the way."))
          .as_retryable();
    wait_for_socket(session);
  }
}

struct SshConnection::Session {
  SshSession session;
  OwnedBy<ssh_channel_struct, ssh_channel_free> channel;
};

SshConnection::SshConnection(const SftpAddress& address, const SshSettings& settings, const std::stop_token& stop)
    : session_(std::make_unique<Session>()),
      url_(sftp_url(address, address.path)),
      stall_timeout_(settings.stall_timeout) {
  session_->session = connected(address, settings, url_, stop);
  ssh_session session = session_->session.get();
  check_host_key(session, address, settings);
  authenticate(session, address, settings, stop);

  session_->channel.reset(ssh_channel_new(session));
  ssh_channel channel = session_->channel.get();
  if (channel == nullptr) throw_lost(ssh_get_error(session));
  const auto ask = [&](const std::function<int()>& step) {
    return drive(session, SSH_AGAIN, step, settings.connect_timeout, url_, stop) == SSH_OK;
  };
  if (!ask([&] { return ssh_channel_open_session(channel); })) throw_lost(ssh_get_error(session));
  if (!ask([&] { return ssh_channel_request_sftp(channel); })) {
    if (ssh_is_connected(session) == 0) throw_lost(ssh_get_error(session));
    throw Error(ErrorCode::unsupported, trf("the SSH server does not offer SFTP for {}", url_),
                tr("Ask its administrator for the subsystem “sftp”."));
  }
  start_waiting();
}

SshConnection::~SshConnection() {
  // Without a goodbye: it could block, and the server sees the end of the connection.
  session_->channel.reset();
}

void SshConnection::throw_lost(const std::string& why) const {
  throw Error(ErrorCode::io, why.empty() ? trf("the connection to {} was lost", url_)
                                         : trf("the connection to {} was lost: {}", url_, why))
      .as_retryable();
}

std::size_t SshConnection::write_some(ByteView bytes) {
  ssh_channel channel = session_->channel.get();
  const std::size_t room = std::min<std::size_t>(bytes.size(), ssh_channel_window_size(channel));
  if (room == 0) return 0;
  const int written = ssh_channel_write(channel, bytes.data(), static_cast<std::uint32_t>(room));
  if (written == SSH_ERROR) throw_lost(ssh_get_error(session_->session.get()));
  if (written <= 0) return 0;
  last_progress_ = steady_clock();
  return static_cast<std::size_t>(written);
}

std::size_t SshConnection::read_some(MutableByteView out) {
  ssh_channel channel = session_->channel.get();
  const int got = ssh_channel_read_nonblocking(channel, out.data(), static_cast<std::uint32_t>(out.size()), 0);
  if (got > 0) {
    last_progress_ = steady_clock();
    return static_cast<std::size_t>(got);
  }
  if (got == SSH_EOF || ssh_channel_is_eof(channel) != 0 || ssh_channel_is_closed(channel) != 0) throw_lost({});
  if (got == SSH_ERROR) throw_lost(ssh_get_error(session_->session.get()));
  return 0;
}

void SshConnection::wait(const std::stop_token& stop) {
  throw_if_stopped(stop);
  if (steady_clock() - last_progress_ > stall_timeout_)
    throw_lost(trf("nothing came for {} seconds", stall_timeout_.count()));
  wait_for_socket(session_->session.get());
}

void SshConnection::start_waiting() {
  last_progress_ = steady_clock();
}

bool SshConnection::is_alive() {
  ssh_session session = session_->session.get();
  ssh_channel channel = session_->channel.get();
  return ssh_channel_poll(channel, 0) >= 0 && ssh_is_connected(session) != 0 && ssh_channel_is_eof(channel) == 0 &&
         ssh_channel_is_closed(channel) == 0;
}

}  // namespace igudar
