#pragma once

#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "base/marked_text.h"

namespace igudar {

enum class ErrorCode {
#define X(code, exit_status, meaning) code,
#include "base/error_codes.def"
#undef X
};

// All functions here may be called concurrently.

// The status the program exits with when it ends on this code.
int exit_status(ErrorCode code);
// The code's name as programs see it in --json output, e.g. "wrong_key".
std::string_view code_name(ErrorCode code);

// The one exception type. Says what happened (message), to what (context, innermost first) and what to do
// next (hint). All three are shown to people, already translated; none may hold a key or a password. Not thread-safe.
class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string message, std::string hint = {});

  ErrorCode code() const { return code_; }
  bool retryable() const { return retryable_; }
  std::chrono::milliseconds not_before() const { return not_before_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }
  const std::vector<std::string>& context() const { return context_; }

  // "message (context; context)": one line, without the hint.
  const char* what() const noexcept override { return text_.c_str(); }

  // Adds a fact on the way up: "while reading pack 1f3a…". Returns *this, to be rethrown with `throw;`.
  Error& with_context(std::string fact);
  Error& with_hint(std::string hint);
  // `not_before`: how long the other side asks to be left alone first.
  Error& as_retryable(std::chrono::milliseconds not_before = {});

 private:
  void rebuild_text();

  ErrorCode code_;
  bool retryable_ = false;
  std::chrono::milliseconds not_before_{0};
  std::string message_;
  std::string hint_;
  std::vector<std::string> context_;
  std::string text_;
};

// Throws the Error for an errno value: `action` is a translated phrase such as "cannot open /a/b".
// ENOSPC/EDQUOT become no_space, EACCES/EPERM/EROFS permission, ENOENT not_found, EEXIST already_exists, others io.
[[noreturn]] void throw_errno(int error_number, const std::string& action);
// The same, not thrown.
Error errno_error(int error_number, const std::string& action);

}  // namespace igudar
