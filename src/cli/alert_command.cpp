#include "cli/alert_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor_io.h"
#include "base/error.h"
#include "base/translate.h"
#include "base/unique_fd.h"

namespace igudar {

namespace {

pid_t spawn_shell(const std::string& command, int input) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);  // standard output is for results
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t defaults;
  ::sigemptyset(&defaults);
  ::sigaddset(&defaults, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::string shell = "sh";
  std::string flag = "-c";
  std::string script = command;
  char* words[] = {shell.data(), flag.data(), script.data(), nullptr};
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, "/bin/sh", &actions, &attributes, words, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (failed != 0) throw_errno(failed, tr("cannot start the alert command"));
  return child;
}

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
  const pid_t child = spawn_shell(command, read_end.get());
  read_end.reset();
  (void)write_fully(write_end.get(), view_of(input));  // less than a pipe holds; who does not read it need not
  write_end.reset();
  const bool ended = ends_within(child, patience);
  if (!ended) ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw_errno(errno, tr("cannot wait for the alert command"));
  if (!ended) throw Error(ErrorCode::failed, tr("the alert command took too long and was ended"));
  if (status != 0) throw Error(ErrorCode::failed, tr("the alert command failed"));
}

}  // namespace igudar
