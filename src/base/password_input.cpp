#include "base/password_input.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/error.h"
#include "base/shell_command.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::size_t kPasswordLimit = 65536;

}  // namespace

SecretBytes read_password_line(int fd, const std::string& name) {
  SecretBytes buffer(kPasswordLimit);
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = ::read(fd, buffer.span().data() + size, buffer.size() - size);
    if (got < 0) throw_errno(errno, trf("cannot read the password from {}", name));
    const auto* begin = buffer.view().data() + size;
    size += static_cast<std::size_t>(got);
    const auto* end = buffer.view().data() + size;
    const auto* newline = std::find(begin, end, std::uint8_t{'\n'});
    if (got == 0 || newline != end) {
      std::size_t length = static_cast<std::size_t>(newline - buffer.view().data());
      if (length > 0 && newline != end && buffer.view()[length - 1] == '\r') --length;
      return SecretBytes(buffer.view().first(length));
    }
  }
  throw Error(ErrorCode::usage, trf("the password in {} is too long", name));
}

UniqueFd open_password_file(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) throw_errno(errno, trf("cannot open the password file {}", path));
  return file;
}

bool is_readable_by(int fd, unsigned mode) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & mode) != 0;
}

SecretBytes password_from_command(const std::string& command, std::stop_token stop) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno(errno, tr("cannot start the password command"));
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t child = spawn_shell(command, {.output = write_end.get()}, tr("cannot start the password command"));
  write_end.reset();

  std::optional<Error> unread;
  SecretBytes password;
  try {
    password = read_password_line(read_end.get(), command);
  } catch (const Error& error) {
    unread = error;
  }
  const int status = wait_for_child(child, tr("cannot wait for the password command"));
  if (stop.stop_requested()) throw Error(ErrorCode::interrupted, tr("interrupted"));
  if (unread) throw *unread;
  // A command whose output beyond the first line nobody reads may end on SIGPIPE.
  const bool broken_pipe = WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE;
  if (status != 0 && !broken_pipe)
    throw Error(ErrorCode::failed, trf("the password command failed: {}", command),
                tr("It must write the password to its standard output and end with status 0."));
  return password;
}

}  // namespace igudar
