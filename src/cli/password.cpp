#include "cli/password.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/password_input.h"
#include "base/translate.h"
#include "base/unique_fd.h"
#include "cli/service_secrets.h"

namespace igudar {

namespace {

constexpr const char* kPasswordVariable = "IGUDAR_PASSWORD";

[[noreturn]] void throw_interrupted() {
  throw Error(ErrorCode::interrupted, tr("interrupted"));
}

// Overwrites the value where it stands, because /proc/PID/environ shows it for as long as it does.
SecretBytes take_from_environment(const char* variable) {
  char* value = std::getenv(variable);
  if (value == nullptr) return {};
  SecretBytes password{view_of(value)};
  wipe({reinterpret_cast<std::uint8_t*>(value), std::strlen(value)});
  ::unsetenv(variable);
  return password;
}

// Switches the terminal's echo off while it lives.
class EchoOff {
 public:
  explicit EchoOff(int fd) : fd_(fd) {
    if (::tcgetattr(fd, &before_) != 0) throw_errno(errno, tr("cannot set up the terminal"));
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
    silent.c_lflag |= ICANON | ISIG;
    if (::tcsetattr(fd, TCSAFLUSH, &silent) != 0) throw_errno(errno, tr("cannot set up the terminal"));
  }
  ~EchoOff() { ::tcsetattr(fd_, TCSAFLUSH, &before_); }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  int fd_;
  termios before_{};
};

void write_to_terminal(int fd, std::string_view text) {
  if (::write(fd, text.data(), text.size()) < 0) throw_errno(errno, tr("cannot write to the terminal"));
}

// Returns when a line can be read. A signal that comes between the question and a read() would end neither: hence
// poll().
void wait_for_line(int terminal, const std::stop_token& stop) {
  const UniqueFd wake(::eventfd(0, EFD_CLOEXEC));
  if (!wake.valid()) throw_errno(errno, tr("cannot set up the terminal"));
  const std::stop_callback on_stop(stop, [&wake] { (void)::eventfd_write(wake.get(), 1); });
  pollfd waited_for[] = {{.fd = terminal, .events = POLLIN, .revents = 0},
                         {.fd = wake.get(), .events = POLLIN, .revents = 0}};
  while (::poll(waited_for, 2, -1) < 0)
    if (errno != EINTR) throw_errno(errno, trf("cannot read the password from {}", "/dev/tty"));
  if (waited_for[1].revents != 0) throw_interrupted();
}

Error no_terminal_for_password() {
  return {ErrorCode::usage, tr("no password was given, and there is no terminal to ask on"),
          tr("Set IGUDAR_PASSWORD_FILE or IGUDAR_PASSWORD_COMMAND, or use --password-file.")};
}

Error no_terminal_for_passphrase() {
  return {ErrorCode::usage, tr("no passphrase was given, and there is no terminal to ask on"),
          tr("Set IGUDAR_PASSPHRASE_FILE, or use --passphrase-file.")};
}

Error no_terminal_for_pin() {
  return {ErrorCode::usage, tr("no PIN was given, and there is no terminal to ask on"),
          tr("Set IGUDAR_PIN_FILE or IGUDAR_PIN_COMMAND, or use --pin-file.")};
}

Error no_terminal_for_recovery() {
  return {ErrorCode::usage, tr("no recovery key was given, and there is no terminal to ask on"),
          tr("Use --recovery-file.")};
}

SecretBytes ask(const std::string& question, Error (*no_terminal)(), std::stop_token stop) {
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal.valid()) throw no_terminal();
  try {
    // Before the question: what is typed the moment it shows must neither be seen nor be dropped.
    const EchoOff silent(terminal.get());
    write_to_terminal(terminal.get(), question);
    wait_for_line(terminal.get(), stop);
    SecretBytes answer = read_password_line(terminal.get(), "/dev/tty");
    write_to_terminal(terminal.get(), "\n");
    return answer;
  } catch (const Error&) {
    write_to_terminal(terminal.get(), "\n");
    throw;
  }
}

SecretBytes from_file(const std::string& path, Console& console) {
  const UniqueFd file = open_password_file(path);
  if (is_readable_by(file.get(), S_IROTH) && !console.quiet())
    console.warning(trf("everyone on this machine can read the password in {} (chmod 600 ends that)", path));
  return read_password_line(file.get(), path);
}

// What a pair of options names, such as --password-file and --password-command; nullopt: nothing says where it is.
std::optional<SecretBytes> from_options(const char* file_option, const char* command_option, const Arguments& arguments,
                                        Console& console, std::stop_token stop) {
  if (arguments.given(file_option) && arguments.given(command_option))
    throw Error(ErrorCode::usage, trf("--{} and --{} cannot be given together", file_option, command_option));
  // The command line goes before the environment.
  const bool command_first = arguments.given(command_option);
  const std::optional<std::string> file = arguments.value(file_option);
  const std::optional<std::string> command = arguments.value(command_option);
  if (file && !command_first) return from_file(*file, console);
  if (command) return password_from_command(*command, std::move(stop));
  return std::nullopt;
}

// What the command line names goes before the environment, and that before what systemd passes. nullopt: nothing says
// where the password is.
std::optional<SecretBytes> given_password(const Arguments& arguments, Console& console, std::stop_token stop) {
  SecretBytes from_variable = take_from_environment(kPasswordVariable);
  const bool named = arguments.given("password-file") || arguments.given("password-command");
  if (named && arguments.given("password-keyring"))
    throw Error(ErrorCode::usage, tr("--password-keyring cannot be given together with a file or a command"));
  if (arguments.given("password-keyring")) return keyring_secret(*arguments.value("password-keyring"));
  if (auto found = from_options("password-file", "password-command", arguments, console, stop)) return found;
  if (const std::optional<std::string> name = arguments.value("password-keyring")) return keyring_secret(*name);
  if (!from_variable.empty()) return from_variable;
  if (const std::optional<std::string> file = systemd_credential("igudar.password")) return from_file(*file, console);
  return std::nullopt;
}

SecretBytes ask_twice(const char* question, const char* difference, Error (*no_terminal)(), std::stop_token stop) {
  SecretBytes first = ask(question, no_terminal, stop);
  const SecretBytes second = ask(tr("The same again: "), no_terminal, stop);
  if (!secret_equal(first.view(), second.view())) throw Error(ErrorCode::usage, difference);
  return first;
}

SecretBytes ask_new_password(std::stop_token stop) {
  return ask_twice(tr("New password: "), tr("the two passwords differ"), no_terminal_for_password, std::move(stop));
}

SecretBytes not_empty(SecretBytes password) {
  if (password.empty())
    throw Error(ErrorCode::usage, tr("the password is empty"), tr("Choose one that nobody guesses."));
  return password;
}

}  // namespace

SecretBytes repository_password(const Arguments& arguments, Console& console, std::stop_token stop) {
  if (std::optional<SecretBytes> given = given_password(arguments, console, stop)) return std::move(*given);
  return ask(tr("Password of the repository: "), no_terminal_for_password, stop);
}

SecretBytes new_repository_password(const Arguments& arguments, Console& console, std::stop_token stop) {
  if (std::optional<SecretBytes> given = given_password(arguments, console, stop)) return not_empty(std::move(*given));
  return not_empty(ask_new_password(stop));
}

SecretBytes new_password(const std::string& file, Console& console, std::stop_token stop) {
  return not_empty(file.empty() ? ask_new_password(stop) : from_file(file, console));
}

void forget_environment_password() {
  (void)take_from_environment(kPasswordVariable);
}

SecretBytes key_passphrase(const std::string& path, const Arguments& arguments, Console& console,
                           std::stop_token stop) {
  if (const std::optional<std::string> file = arguments.value("passphrase-file")) return from_file(*file, console);
  if (const std::optional<std::string> file = systemd_credential("igudar.passphrase")) return from_file(*file, console);
  return ask(trf("Passphrase of {}: ", path), no_terminal_for_passphrase, stop);
}

SecretBytes token_pin(const std::string& token, const Arguments& arguments, Console& console, std::stop_token stop) {
  if (auto named = from_options("pin-file", "pin-command", arguments, console, stop)) return std::move(*named);
  if (const std::optional<std::string> file = systemd_credential("igudar.pin")) return from_file(*file, console);
  return ask(trf("PIN of the token {}: ", token), no_terminal_for_pin, stop);
}

SecretBytes recovery_line(std::size_t page, std::size_t line, const std::string& complaint, std::stop_token stop) {
  std::string question =
      page == 1 ? trf("Recovery key, line {}: ", line) : trf("Recovery key, page {}, line {}: ", page, line);
  if (!complaint.empty()) question.insert(0, complaint + "\n");
  return ask(question, no_terminal_for_recovery, stop);
}

SecretBytes new_passphrase(const Arguments& arguments, Console& console, std::stop_token stop) {
  const std::optional<std::string> file = arguments.value("passphrase-file");
  if (file) return not_empty(from_file(*file, console));
  return not_empty(
      ask_twice(tr("New passphrase: "), tr("the two passphrases differ"), no_terminal_for_passphrase, std::move(stop)));
}

}  // namespace igudar
