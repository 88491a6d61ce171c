#include "store/sftp/open_sftp.h"

#include <sys/stat.h>

#include <charconv>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/password_input.h"
#include "base/translate.h"
#include "concurrency/guarded.h"
#include "store/retrying_store.h"
#include "store/tree/file_tree_store.h"

namespace igudar {

namespace {

constexpr const char* kPassword = "IGUDAR_SFTP_PASSWORD";
constexpr const char* kPasswordFile = "IGUDAR_SFTP_PASSWORD_FILE";
constexpr const char* kPasswordCommand = "IGUDAR_SFTP_PASSWORD_COMMAND";
constexpr const char* kConnections = "IGUDAR_SFTP_CONNECTIONS";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

SecretBytes from_private_file(const std::string& path) {
  const UniqueFd file = open_password_file(path);
  if (is_readable_by(file.get(), S_IRGRP | S_IROTH))
    throw Error(ErrorCode::permission, trf("other users of this machine can read the password in {}", path),
                trf("Run chmod 600 {}, and change the password if somebody may have read it.", path));
  return read_password_line(file.get(), path);
}

SecretBytes given_password(const std::stop_token& stop) {
  if (const std::string path = variable(kPasswordFile); !path.empty()) return from_private_file(path);
  if (const std::string command = variable(kPasswordCommand); !command.empty())
    return password_from_command(command, stop);
  return SecretBytes(view_of(variable(kPassword)));
}

unsigned connections() {
  constexpr unsigned kMost = 64;
  const std::string text = variable(kConnections);
  unsigned count = SftpOptions().connections;
  if (text.empty()) return count;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count == 0 || count > kMost)
    throw Error(ErrorCode::usage, trf("{} must be a number from 1 to {}", kConnections, kMost));
  return count;
}

}  // namespace

SftpOptions sftp_options_from_environment() {
  SftpOptions options;
  options.connections = connections();
  options.ssh.known_hosts = variable("IGUDAR_SSH_KNOWN_HOSTS");
  options.ssh.config = variable("IGUDAR_SSH_CONFIG");
  options.ssh.key_file = variable("IGUDAR_SSH_KEY");
  if (variable(kPassword).empty() && variable(kPasswordFile).empty() && variable(kPasswordCommand).empty())
    return options;
  // Asked for once, however many connections are opened.
  const auto known = std::make_shared<Guarded<SecretBytes>>();
  options.ssh.password = [known](const std::stop_token& stop) {
    return known->with([&](SecretBytes& password) {
      if (password.empty()) password = given_password(stop);
      return password.clone();
    });
  };
  return options;
}

std::unique_ptr<ObjectStore> open_sftp(const StoreAddress& address, const StoreOptions& /*options*/) {
  SftpAddress place = parse_sftp_address(address);
  std::string root = place.path;
  auto files = std::make_shared<SftpFiles>(std::move(place), sftp_options_from_environment());
  const RetryPolicy until_the_deadline{.retries = ~0U};
  return std::make_unique<RetryingStore>(
      std::make_shared<FileTreeStore>(std::move(files), std::move(root), until_the_deadline), until_the_deadline);
}

}  // namespace igudar
