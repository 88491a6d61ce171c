#include "cli/service_secrets.h"

#include <keyutils.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr const char* kType = "user";

key_serial_t find_key(const std::string& name) {
  const key_serial_t found = ::request_key(kType, name.c_str(), nullptr, 0);
  if (found >= 0) return found;
  return static_cast<key_serial_t>(::keyctl_search(KEY_SPEC_USER_KEYRING, kType, name.c_str(), 0));
}

}  // namespace

std::optional<std::string> systemd_credential(const std::string& name) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  std::string path = std::string(folder) + "/" + name;
  if (::access(path.c_str(), F_OK) != 0) return std::nullopt;
  return path;
}

SecretBytes keyring_secret(const std::string& name) {
  const key_serial_t key = find_key(name);
  const long size = key < 0 ? -1 : ::keyctl_read(key, nullptr, 0);
  if (size < 0) {
    if (errno == EACCES || errno == EPERM)
      throw Error(ErrorCode::permission, trf("the key '{}' in the kernel's keyring cannot be read", name),
                  tr("Only a process that possesses the key reads it: 'keyctl show' lists those of this session."));
    throw Error(ErrorCode::not_found, trf("there is no key '{}' in the kernel's keyring", name),
                trf("Add it: keyctl padd user {} @s <FILE", name));
  }
  SecretBytes value(static_cast<std::size_t>(size));
  const long got = ::keyctl_read(key, reinterpret_cast<char*>(value.span().data()), value.size());
  if (got != size) throw Error(ErrorCode::io, trf("the key '{}' in the kernel's keyring cannot be read", name));
  return value;
}

}  // namespace igudar
