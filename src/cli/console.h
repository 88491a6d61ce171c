#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "concurrency/guarded.h"

namespace igudar {

struct ConsoleOptions {
  bool json = false;
  bool quiet = false;
  unsigned verbosity = 0;  // 1: each file that changed, 2: every file
};

// Everything the program writes goes through here: results to standard output, news and errors to standard error, and
// the progress display, an overlay of lines on the terminal that other output never mixes with.
//
// Thread safety: every method may be called concurrently.
// Errors: a reader that went away (EPIPE) is no error; see closed(). Other failures to write show in finish().
class Console {
 public:
  // The streams stay the caller's.
  Console(std::FILE* out, std::FILE* err, ConsoleOptions options);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  bool json() const { return options_.json; }
  bool quiet() const { return options_.quiet; }
  unsigned verbosity() const { return options_.verbosity; }
  // Nobody reads standard output any more: who only produces output may end.
  bool closed() const;

  // A line of what was asked for, always shown.
  void result(std::string_view line);
  void results(const std::vector<std::string>& lines);
  // A line about what happens, not shown with --quiet or --json.
  void info(std::string_view line);
  // A line on standard error, always shown: "igudar: warning: …".
  void warning(std::string_view text);
  // The end of a command: "igudar: error: what (context)" and the hint, or the JSON object of an error.
  void error(const Error& error);
  // One JSON object, already serialised, as a line; sent at once when `flush`.
  void json_line(std::string_view object, bool flush);

  // Replaces the overlay (valid UTF-8, at most as wide as the terminal). Nothing unless standard error is a terminal.
  void show_overlay(std::vector<std::string> lines);
  void hide_overlay();
  // Whether show_overlay shows anything: a terminal that can move its cursor.
  bool has_overlay() const { return overlay_possible_; }
  std::size_t columns() const;  // of the terminal on standard error, now

  // A name as it may be shown on standard output: escaped on a terminal, raw bytes in a file or pipe.
  std::string shown_name(std::string_view name) const;

  // Sends what is buffered. Throws Error when standard output could not be written, a full disk for example.
  void finish();

 private:
  struct State {
    std::FILE* out = nullptr;
    std::FILE* err = nullptr;
    std::vector<std::string> overlay;
    bool closed = false;
    int write_error = 0;  // errno of the first failure
  };

  static void write(State& state, std::string_view text);
  static void note_failure(State& state, int error_number);
  void erase_overlay(State& state) const;
  void draw_overlay(State& state) const;
  void write_line(std::string_view line);
  void write_error_line(std::string_view line);

  const ConsoleOptions options_;
  const int err_fd_;
  const bool out_is_terminal_;
  const bool overlay_possible_;
  Guarded<State> state_;
};

}  // namespace igudar
