#pragma once

#include <stop_token>

#include "cli/arguments.h"
#include "cli/console.h"

namespace igudar {

class CommandAudit;

// What a command gets. Commands return the program's exit status, or throw Error.
struct CommandContext {
  const Arguments& arguments;
  Console& console;
  std::stop_token stop;
  CommandAudit& audit;  // of what it does with the repository, from its opening on
};

int run_init(const CommandContext& context);
int run_backup(const CommandContext& context);
int run_snapshots(const CommandContext& context);
int run_ls(const CommandContext& context);
int run_restore(const CommandContext& context);
int run_check(const CommandContext& context);
int run_stats(const CommandContext& context);
int run_forget(const CommandContext& context);
int run_prune(const CommandContext& context);
int run_timestamp(const CommandContext& context);
int run_erase(const CommandContext& context);
int run_hold(const CommandContext& context);
int run_policy(const CommandContext& context);
int run_consent(const CommandContext& context);
int run_privacy(const CommandContext& context);
int run_compliance(const CommandContext& context);
int run_doctor(const CommandContext& context);
int run_key(const CommandContext& context);
int run_audit(const CommandContext& context);
int run_domain(const CommandContext& context);
int run_crypto(const CommandContext& context);
int run_version(const CommandContext& context);
int run_help(const CommandContext& context);
int run_generate(const CommandContext& context);

}  // namespace igudar
