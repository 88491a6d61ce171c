#include <libssh/libssh.h>

#include "base/error.h"
#include "base/translate.h"
#include "store/sftp/ssh_session.h"

namespace igudar {

namespace {

std::string fingerprint_of(ssh_session session) {
  ssh_key raw = nullptr;
  if (ssh_get_server_publickey(session, &raw) != SSH_OK) return "?";
  const SshKey key(raw);
  unsigned char* hash = nullptr;
  std::size_t size = 0;
  if (ssh_get_publickey_hash(raw, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != 0) return "?";
  char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
  ssh_clean_pubkey_hash(&hash);
  std::string fingerprint = std::string(ssh_key_type_to_char(ssh_key_type(raw))) + " " + (text ? text : "?");
  ssh_string_free_char(text);
  return fingerprint;
}

// As the configuration resolves it, which is what known_hosts is asked for.
std::string real_host(ssh_session session, const SftpAddress& address) {
  char* text = nullptr;
  if (ssh_options_get(session, SSH_OPTIONS_HOST, &text) != SSH_OK || text == nullptr) return address.host;
  std::string host = text;
  ssh_string_free_char(text);
  return host;
}

}  // namespace

void check_host_key(ssh_session session, const SftpAddress& address, const SshSettings& settings) {
  const ssh_known_hosts_e known = ssh_session_is_known_server(session);
  if (known == SSH_KNOWN_HOSTS_OK) return;

  unsigned port = 22;
  ssh_options_get_port(session, &port);
  const std::string name = real_host(session, address);
  const std::string host = port == 22 ? name : "[" + name + "]:" + std::to_string(port);
  const std::string file = settings.known_hosts.empty() ? "~/.ssh/known_hosts" : settings.known_hosts;
  const std::string scan = "ssh-keyscan -p " + std::to_string(port) + " " + name + " >>" + file;
  const std::string fingerprint = fingerprint_of(session);
  switch (known) {
    case SSH_KNOWN_HOSTS_CHANGED:
    case SSH_KNOWN_HOSTS_OTHER:
      throw Error(
          ErrorCode::failed,
          trf("THE HOST KEY OF {} HAS CHANGED: it is now {}, and {} has another one. Somebody may be pretending "
              "to be that server; nothing was sent to it.",
              host, fingerprint, file),
          trf("Ask its administrator, not over this network, whether that is its new key. Only then: "
              "ssh-keygen -R '{}' -f {}; {}",
              host, file, scan));
    case SSH_KNOWN_HOSTS_UNKNOWN:
    case SSH_KNOWN_HOSTS_NOT_FOUND:
      throw Error(ErrorCode::failed,
                  trf("the host key of {} is not known: {}; {} does not have it", host, fingerprint, file),
                  trf("Compare this fingerprint with the one that the server's administrator tells, then accept it: "
                      "connect once with ssh, or run: {}",
                      scan));
    default:
      throw Error(ErrorCode::failed, trf("the host key of {} cannot be checked: {}", host, ssh_get_error(session)));
  }
}

}  // namespace igudar
