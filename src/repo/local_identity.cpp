#include "repo/local_identity.h"

#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

#include "base/host_name.h"

namespace igudar {

namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

std::string user_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

std::string user_at_host() {
  return user_name() + "@" + host_name();
}

std::string machine_identity() {
  const std::string machine = first_line("/etc/machine-id");
  return machine.empty() ? boot_id() : machine + '\n' + host_name();
}

std::string boot_id() {
  return first_line("/proc/sys/kernel/random/boot_id");
}

std::uint64_t pid_namespace() {
  struct stat info {};
  return ::stat("/proc/self/ns/pid", &info) == 0 ? info.st_ino : 0;
}

std::optional<std::uint64_t> process_start(std::uint64_t pid) {
  constexpr int kStartField = 22;  // proc(5); the second field, the program's name, may hold anything
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int i = 3; i <= kStartField; ++i) fields >> field;
  if (!fields) return std::nullopt;
  return std::stoull(field);
}

bool process_exists(std::uint64_t pid) {
  if (pid == 0 || pid > static_cast<std::uint64_t>(std::numeric_limits<pid_t>::max())) return true;
  return ::kill(static_cast<pid_t>(pid), 0) == 0 || errno != ESRCH;
}

}  // namespace igudar
