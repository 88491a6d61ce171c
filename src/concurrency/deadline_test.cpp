#include "concurrency/deadline.h"

#include <gtest/gtest.h>

#include <future>

namespace igudar {
namespace {

TEST(Deadline, Requests_a_stop_when_its_time_has_passed) {
  const Deadline deadline(std::chrono::milliseconds(1), {});
  std::promise<void> stopped;
  const std::stop_callback tell(deadline.token(), [&] { stopped.set_value(); });
  EXPECT_EQ(stopped.get_future().wait_for(std::chrono::minutes(1)), std::future_status::ready);
}

TEST(Deadline, Passes_on_a_stop_from_outside) {
  std::stop_source outer;
  const Deadline deadline(std::chrono::hours(1), outer.get_token());
  EXPECT_FALSE(deadline.token().stop_requested());
  outer.request_stop();
  EXPECT_TRUE(deadline.token().stop_requested());
}

}  // namespace
}  // namespace igudar
