#include "base/error.h"

#include <cerrno>
#include <system_error>

#include "base/translate.h"

namespace igudar {

int exit_status(ErrorCode code) {
  switch (code) {
#define X(name, status, meaning) \
  case ErrorCode::name:          \
    return status;
#include "base/error_codes.def"
#undef X
  }
  return 1;
}

std::string_view code_name(ErrorCode code) {
  switch (code) {
#define X(name, status, meaning) \
  case ErrorCode::name:          \
    return #name;
#include "base/error_codes.def"
#undef X
  }
  return "failed";
}

Error::Error(ErrorCode code, std::string message, std::string hint)
    : code_(code), message_(std::move(message)), hint_(std::move(hint)) {
  rebuild_text();
}

Error& Error::with_context(std::string fact) {
  context_.push_back(std::move(fact));
  rebuild_text();
  return *this;
}

Error& Error::with_hint(std::string hint) {
  hint_ = std::move(hint);
  return *this;
}

Error& Error::as_retryable(std::chrono::milliseconds not_before) {
  retryable_ = true;
  not_before_ = not_before;
  return *this;
}

void Error::rebuild_text() {
  text_ = message_;
  const char* separator = " (";
  for (const std::string& fact : context_) {
    text_ += separator + fact;
    separator = "; ";
  }
  if (!context_.empty()) text_ += ")";
}

Error errno_error(int error_number, const std::string& action) {
  ErrorCode code = ErrorCode::io;
  std::string hint;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      code = ErrorCode::no_space;
      hint = tr("Free some space there, or choose another place, and run the command again.");
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = ErrorCode::permission;
      break;
    case ENOENT:
      code = ErrorCode::not_found;
      break;
    case EEXIST:
      code = ErrorCode::already_exists;
      break;
    default:
      break;
  }
  return Error(code, action + ": " + std::generic_category().message(error_number), hint);
}

void throw_errno(int error_number, const std::string& action) {
  throw errno_error(error_number, action);
}

}  // namespace igudar
