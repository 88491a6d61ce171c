#pragma once

#include <sys/types.h>

#include <string>

namespace igudar {

// Commands that users name in options, run by /bin/sh with SIGPIPE as by default. Thread-safe functions.

struct ShellWiring {
  int input = -1;  // descriptors that it has as standard input and output; the program's own where negative
  int output = -1;
  bool own_group = false;  // a process group of its own, so that all it starts can be ended with it
};
// Throws failed, beginning with `failure`, when it cannot be started.
pid_t spawn_shell(const std::string& command, const ShellWiring& wiring, const std::string& failure);
// Its status, as waitpid() gives it, once it has ended. Throws failed, beginning with `failure`.
int wait_for_child(pid_t child, const std::string& failure);

}  // namespace igudar
