#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

namespace igudar::testing {

// Runs `body`, a test, in a process of its own: for what cannot be undone in this one.
inline void in_a_process(const std::function<void()>& body) {
  EXPECT_EXIT(
      {
        body();
        std::exit(::testing::Test::HasFailure() ? EXIT_FAILURE : EXIT_SUCCESS);
      },
      ::testing::ExitedWithCode(EXIT_SUCCESS), "");
}

}  // namespace igudar::testing
