#include <libssh/callbacks.h>
#include <libssh/libssh.h>

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "store/sftp/ssh_session.h"

namespace igudar {

namespace {

// What libssh calls when a key file is protected by a passphrase: there is nobody to ask, but it is worth telling.
int refuse_passphrase(const char*, char*, std::size_t, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

class Authentication {
 public:
  Authentication(ssh_session session, const SftpAddress& address, const SshSettings& settings,
                 const std::stop_token& stop)
      : session_(session), url_(sftp_url(address, address.path)), settings_(settings), stop_(stop) {
    ssh_callbacks_init(&callbacks_);
    callbacks_.auth_function = refuse_passphrase;
    callbacks_.userdata = &passphrase_asked_;
    ssh_set_callbacks(session, &callbacks_);
  }
  ~Authentication() { ssh_set_callbacks(session_, &no_callbacks()); }
  Authentication(const Authentication&) = delete;
  Authentication& operator=(const Authentication&) = delete;

  void run() {
    if (attempt([&] { return ssh_userauth_none(session_, nullptr); })) return;
    if (with_keys()) return;
    if (settings_.password && with_password()) return;
    refuse();
  }

 private:
  // libssh keeps the pointer for as long as the session lives.
  static ssh_callbacks_struct& no_callbacks() {
    static ssh_callbacks_struct none = [] {
      ssh_callbacks_struct callbacks{};
      ssh_callbacks_init(&callbacks);
      return callbacks;
    }();
    return none;
  }

  int step(const std::function<int()>& ask) {
    return drive(session_, SSH_AUTH_AGAIN, ask, settings_.connect_timeout, url_, stop_);
  }
  bool attempt(const std::function<int()>& ask) {
    const int answer = step(ask);
    if (answer == SSH_AUTH_ERROR && ssh_is_connected(session_) == 0)
      throw Error(ErrorCode::io,
                  trf("the connection to {} was lost while logging in: {}", url_, ssh_get_error(session_)))
          .as_retryable();
    return answer == SSH_AUTH_SUCCESS;
  }

  bool with_keys() {
    if (settings_.key_file.empty())
      return attempt([&] { return ssh_userauth_publickey_auto(session_, nullptr, nullptr); });
    ssh_key raw = nullptr;
    const int loaded =
        ssh_pki_import_privkey_file(settings_.key_file.c_str(), nullptr, refuse_passphrase, &passphrase_asked_, &raw);
    const SshKey key(raw);
    if (loaded == SSH_OK) return attempt([&] { return ssh_userauth_publickey(session_, nullptr, raw); });
    // The agent may have it open.
    if (passphrase_asked_) return attempt([&] { return ssh_userauth_agent(session_, nullptr); });
    throw Error(ErrorCode::permission, trf("the SSH key {} cannot be read", settings_.key_file),
                tr("IGUDAR_SSH_KEY names it: check that the file is there, is yours, and is a private key."));
  }

  bool with_password() {
    const SecretBytes secret = settings_.password(stop_);
    // libssh wants it ended by a zero byte, and to copy it once more.
    SecretBytes ended(secret.size() + 1);
    std::copy(secret.view().begin(), secret.view().end(), ended.span().begin());
    const char* text = reinterpret_cast<const char*>(ended.view().data());
    password_tried_ = true;
    const auto methods = static_cast<unsigned>(ssh_userauth_list(session_, nullptr));
    if ((methods & SSH_AUTH_METHOD_PASSWORD) != 0 &&
        attempt([&] { return ssh_userauth_password(session_, nullptr, text); }))
      return true;
    return (methods & SSH_AUTH_METHOD_INTERACTIVE) != 0 && interactively(text);
  }

  // Servers that ask by PAM show one prompt for the password, and perhaps texts without a prompt.
  bool interactively(const char* password) {
    constexpr int kMostRounds = 4;
    for (int round = 0; round < kMostRounds; ++round) {
      const int answer = step([&] { return ssh_userauth_kbdint(session_, nullptr, nullptr); });
      if (answer != SSH_AUTH_INFO) return answer == SSH_AUTH_SUCCESS;
      const int prompts = ssh_userauth_kbdint_getnprompts(session_);
      if (prompts > 1) return false;
      if (prompts == 1) ssh_userauth_kbdint_setanswer(session_, 0, password);
    }
    return false;
  }

  [[noreturn]] void refuse() const {
    std::string hint;
    if (passphrase_asked_)
      hint = tr("A key here is protected by a passphrase: open it in the agent first, with ssh-add.");
    else if (password_tried_)
      hint = tr("Check the user's name and the password (IGUDAR_SFTP_PASSWORD, …_FILE or …_COMMAND).");
    else
      hint =
          tr("Check the user's name; put a key that the server knows into the agent or ~/.ssh, name one in "
             "IGUDAR_SSH_KEY, or give a password in IGUDAR_SFTP_PASSWORD_FILE. 'ssh -v' to the same host tells more.");
    throw Error(ErrorCode::permission,
                password_tried_ ? trf("the server refuses the user: no key and no password was accepted for {}", url_)
                                : trf("the server refuses the user: no key was accepted for {}", url_),
                hint);
  }

  ssh_session session_;
  std::string url_;
  const SshSettings& settings_;
  const std::stop_token& stop_;
  ssh_callbacks_struct callbacks_{};
  bool passphrase_asked_ = false;
  bool password_tried_ = false;
};

}  // namespace

void authenticate(ssh_session session, const SftpAddress& address, const SshSettings& settings,
                  const std::stop_token& stop) {
  Authentication(session, address, settings, stop).run();
}

}  // namespace igudar
