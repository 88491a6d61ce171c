#include "cli/alert_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor_io.h"
#include "base/error.h"
#include "base/shell_command.h"
#include "base/translate.h"
#include "base/unique_fd.h"

namespace igudar {

namespace {

// False when the patience ended before.
bool ends_within(pid_t child, std::chrono::milliseconds patience) {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  if (!process.valid()) return false;
  pollfd waited_for{.fd = process.get(), .events = POLLIN, .revents = 0};
  for (;;) {
    const int ready = ::poll(&waited_for, 1, static_cast<int>(patience.count()));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

}  // namespace

void run_alert_command(const std::string& command, std::string_view input, std::chrono::milliseconds patience) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno(errno, tr("cannot start the alert command"));
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  // Standard output is for results.
  const ShellWiring wiring{.input = read_end.get(), .output = STDERR_FILENO, .own_group = true};
  const pid_t child = spawn_shell(command, wiring, tr("cannot start the alert command"));
  read_end.reset();
  (void)write_fully(write_end.get(), view_of(input));  // less than a pipe holds; who does not read it need not
  write_end.reset();
  const bool ended = ends_within(child, patience);
  if (!ended) ::kill(-child, SIGKILL);
  const int status = wait_for_child(child, tr("cannot wait for the alert command"));
  if (!ended) throw Error(ErrorCode::failed, tr("the alert command took too long and was ended"));
  if (status != 0) throw Error(ErrorCode::failed, tr("the alert command failed"));
}

}  // namespace igudar
