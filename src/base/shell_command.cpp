#include "base/shell_command.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"

namespace igudar {

pid_t spawn_shell(const std::string& command, const ShellWiring& wiring, const std::string& failure) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (wiring.input >= 0) ::posix_spawn_file_actions_adddup2(&actions, wiring.input, STDIN_FILENO);
  if (wiring.output >= 0) ::posix_spawn_file_actions_adddup2(&actions, wiring.output, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t defaults;
  ::sigemptyset(&defaults);
  ::sigaddset(&defaults, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  const short flags = wiring.own_group ? POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP : POSIX_SPAWN_SETSIGDEF;
  ::posix_spawnattr_setflags(&attributes, flags);
  std::string shell = "sh";
  std::string flag = "-c";
  std::string script = command;
  char* words[] = {shell.data(), flag.data(), script.data(), nullptr};
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, "/bin/sh", &actions, &attributes, words, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (failed != 0) throw_errno(failed, failure);
  return child;
}

int wait_for_child(pid_t child, const std::string& failure) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw_errno(errno, failure);
  return status;
}

}  // namespace igudar
