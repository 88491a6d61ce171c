#include "cli/program.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/translate.h"
#include "cli/arguments.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/console.h"
#include "cli/interrupt.h"
#include "crypto/fips.h"

namespace igudar {

namespace {

using CommandFunction = int (*)(const CommandContext&);

CommandFunction function_of(CommandId command) {
  switch (command) {
    case CommandId::init:
      return run_init;
    case CommandId::backup:
      return run_backup;
    case CommandId::snapshots:
      return run_snapshots;
    case CommandId::ls:
      return run_ls;
    case CommandId::restore:
      return run_restore;
    case CommandId::check:
      return run_check;
    case CommandId::stats:
      return run_stats;
    case CommandId::forget:
      return run_forget;
    case CommandId::prune:
      return run_prune;
    case CommandId::timestamp:
      return run_timestamp;
    case CommandId::erase:
      return run_erase;
    case CommandId::hold:
      return run_hold;
    case CommandId::policy:
      return run_policy;
    case CommandId::consent:
      return run_consent;
    case CommandId::privacy:
      return run_privacy;
    case CommandId::compliance:
      return run_compliance;
    case CommandId::doctor:
      return run_doctor;
    case CommandId::key:
      return run_key;
    case CommandId::domain:
      return run_domain;
    case CommandId::crypto:
      return run_crypto;
    case CommandId::audit:
      return run_audit;
    case CommandId::version:
      return run_version;
    case CommandId::help:
      return run_help;
    case CommandId::generate:
      return run_generate;
  }
  return run_help;
}

// Memory holds keys: none of it may reach a core file or a debugger of the same user. Files are made for their owner
// only.
void harden_process() {
#ifndef __SANITIZE_ADDRESS__  // the leak checker is a debugger of the same user
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::umask(077);
  // A reader that goes away shows as EPIPE where it is written to.
  ::signal(SIGPIPE, SIG_IGN);
}

// As many descriptors as the system grants, not the few that a login gives: a walk that may keep its folders open does
// not open them again for each file.
void raise_descriptor_limit() {
  constexpr rlim_t kEnough = 64 * 1024;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= kEnough) return;
  files.rlim_cur = std::min(files.rlim_max, kEnough);
  ::setrlimit(RLIMIT_NOFILE, &files);
}

// Beside the program in a build tree; in share/locale when it is installed.
std::string locale_folder() {
  std::error_code failed;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return IGUDAR_LOCALE_DIR;
  const std::filesystem::path in_build_tree = program.parent_path() / "locale";
  if (std::filesystem::is_directory(in_build_tree, failed)) return in_build_tree;
  const std::filesystem::path installed = program.parent_path() / ".." / "share" / "locale";
  return std::filesystem::is_directory(installed, failed) ? installed.string() : IGUDAR_LOCALE_DIR;
}

// Messages in the language asked for even where the system lacks its locale (a small server, a container): gettext
// needs some locale other than "C", and C.UTF-8 is always there.
void choose_language() {
  if (std::setlocale(LC_ALL, "") == nullptr) {
    for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"})
      if (const char* value = std::getenv(variable); value != nullptr && *value != '\0') {
        const std::string language(value, std::string_view(value).find_first_of(".@") == std::string_view::npos
                                              ? std::string_view(value).size()
                                              : std::string_view(value).find_first_of(".@"));
        ::setenv("LANGUAGE", language.c_str(), 0);
        break;
      }
    ::setenv("LC_ALL", "C.UTF-8", 1);
  }
  init_translation(locale_folder());
  // Widths of characters are needed wherever the terminal is.
  std::setlocale(LC_CTYPE, "C.UTF-8");
}

// Known before the command line is understood, so that its errors are told in the right form.
bool wants_json(const std::vector<std::string>& words) {
  return std::find(words.begin(), std::find(words.begin(), words.end(), "--"), "--json") !=
         std::find(words.begin(), words.end(), "--");
}

int run_command(const Arguments& arguments, Console& console) {
  if (arguments.has("fips")) enter_fips_mode();
  InterruptWatch interrupt;
  CommandAudit audit(arguments, console);
  try {
    const int status = function_of(arguments.command())({arguments, console, interrupt.token(), audit});
    console.finish();
    audit.end(status, {});
    return status;
  } catch (const Error& error) {
    audit.end(exit_status(error.code()), code_name(error.code()));
    throw;
  } catch (const std::exception&) {
    audit.end(exit_status(ErrorCode::failed), code_name(ErrorCode::failed));
    throw;
  }
}

// Runs `body` and tells what it throws.
template <typename Body>
int with_errors_told(Console& console, Body&& body) {
  try {
    return body();
  } catch (const Error& error) {
    console.error(error);
    return exit_status(error.code());
  } catch (const std::bad_alloc&) {
    console.error(Error(ErrorCode::failed, tr("the machine has no more memory for this")));
  } catch (const std::exception& error) {
    console.error(Error(ErrorCode::failed, trf("an internal error: {}", error.what())));
  }
  return exit_status(ErrorCode::failed);
}

}  // namespace

int run_program(int argc, char** argv) {
  choose_language();
  harden_process();
  raise_descriptor_limit();
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  Console early(stdout, stderr, {.json = wants_json(words)});
  return with_errors_told(early, [&] {
    const Arguments arguments = parse_command_line(words);
    Console console(
        stdout, stderr,
        {.json = arguments.has("json"), .quiet = arguments.has("quiet"), .verbosity = arguments.count("verbose")});
    return with_errors_told(console, [&] { return run_command(arguments, console); });
  });
}

}  // namespace igudar
