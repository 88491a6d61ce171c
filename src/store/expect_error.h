#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"

namespace igudar::testing {

// The Error that `action` throws; fails the test when it throws none.
inline Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no Error was thrown";
  return Error(ErrorCode::failed, "none");
}

inline ErrorCode code_of(const std::function<void()>& action) {
  return error_of(action).code();
}

}  // namespace igudar::testing
