#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/translate.h"
#include "cli/terminal_text.h"

namespace igudar {

namespace {

bool can_move_cursor(int fd) {
  const char* terminal = std::getenv("TERM");
  return ::isatty(fd) == 1 && terminal != nullptr && *terminal != '\0' && std::string_view(terminal) != "dumb";
}

std::size_t terminal_columns(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string json_of(const Error& error) {
  nlohmann::ordered_json object = {{"message_type", "error"},
                                   {"code", code_name(error.code())},
                                   {"exit", exit_status(error.code())},
                                   {"message", replace_invalid_utf8(error.what())}};
  if (!error.hint().empty()) object["hint"] = replace_invalid_utf8(error.hint());
  return object.dump();
}

}  // namespace

Console::Console(std::FILE* out, std::FILE* err, ConsoleOptions options)
    : options_(options),
      err_fd_(::fileno(err)),
      out_is_terminal_(::isatty(::fileno(out)) == 1),
      overlay_possible_(can_move_cursor(::fileno(err))) {
  state_.with([&](State& state) {
    state.out = out;
    state.err = err;
  });
}

Console::~Console() {
  hide_overlay();
}

bool Console::closed() const {
  return state_.with([](const State& state) { return state.closed; });
}

void Console::note_failure(State& state, int error_number) {
  if (error_number == EPIPE) state.closed = true;
  if (state.write_error == 0) state.write_error = error_number;
}

void Console::write(State& state, std::string_view text) {
  if (state.write_error != 0) return;
  if (std::fwrite(text.data(), 1, text.size(), state.out) != text.size()) note_failure(state, errno);
}

void Console::write_to_terminal(State& state, const std::string& text) {
  // In one piece: standard error is not buffered, and a display in pieces flickers.
  std::fwrite(text.data(), 1, text.size(), state.err);
  std::fflush(state.err);
}

void Console::write_line(std::string_view line) {
  state_.with([&](State& state) {
    if (out_is_terminal_) write_to_terminal(state, erasing(state));
    write(state, line);
    write(state, "\n");
    if (!out_is_terminal_) return;
    if (std::fflush(state.out) != 0) note_failure(state, errno);
    write_to_terminal(state, drawing(state));
  });
}

void Console::write_error_line(std::string_view line) {
  state_.with([&](State& state) {
    // Both streams may be one terminal: what was said before comes first.
    if (std::fflush(state.out) != 0) note_failure(state, errno);
    write_to_terminal(state, erasing(state) + std::string(line) + "\n" + drawing(state));
  });
}

void Console::result(std::string_view line) {
  write_line(line);
}

void Console::results(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) write_line(line);
}

void Console::info(std::string_view line) {
  if (!options_.quiet && !options_.json) write_line(line);
}

void Console::warning(std::string_view text) {
  write_error_line(trf("igudar: warning: {}", escape_message(text)));
}

void Console::error(const Error& error) {
  hide_overlay();
  if (options_.json) return json_line(json_of(error), true);
  write_error_line(trf("igudar: error: {}", escape_message(error.what())));
  if (!error.hint().empty()) write_error_line(escape_message(error.hint()));
}

void Console::json_line(std::string_view object, bool flush) {
  state_.with([&](State& state) {
    write(state, object);
    write(state, "\n");
    if (flush && std::fflush(state.out) != 0) note_failure(state, errno);
  });
}

void Console::show_overlay(std::vector<std::string> lines) {
  if (!overlay_possible_) return;
  state_.with([&](State& state) {
    std::string text = erasing(state);
    state.overlay = std::move(lines);
    write_to_terminal(state, text + drawing(state));
  });
}

void Console::hide_overlay() {
  show_overlay({});
}

std::size_t Console::columns() const {
  return terminal_columns(err_fd_);
}

// The cursor stays at the end of the overlay's last line. A terminal made narrower since has broken the lines.
std::string Console::erasing(const State& state) const {
  if (state.overlay.empty()) return "";
  const std::size_t width = terminal_columns(err_fd_);
  std::size_t rows = 0;
  for (const std::string& line : state.overlay) rows += 1 + (display_width(line) - (line.empty() ? 0 : 1)) / width;
  return rows > 1 ? "\r\x1b[" + std::to_string(rows - 1) + "A\x1b[J" : "\r\x1b[J";
}

std::string Console::drawing(const State& state) {
  std::string text;
  for (const std::string& line : state.overlay) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::string Console::shown_name(std::string_view name) const {
  return out_is_terminal_ ? escape_name(name) : std::string(name);
}

void Console::finish() {
  hide_overlay();
  const int failed = state_.with([](State& state) {
    if (std::fflush(state.out) != 0) note_failure(state, errno);
    return state.write_error;
  });
  if (failed != 0 && failed != EPIPE) throw_errno(failed, tr("cannot write to standard output"));
}

}  // namespace igudar
