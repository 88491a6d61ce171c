#include "cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>

#include "cli/terminal_text.h"

namespace igudar {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Rate_estimate, is_right_from_its_first_interval_and_follows_changes) {
  RateEstimate rate;
  milliseconds now{0};
  double total = 0;
  rate.update(total, now);
  for (int i = 0; i < 3; ++i) rate.update(total += 10, now += milliseconds(100));
  EXPECT_NEAR(rate.per_second(), 100, 0.01);
  for (int i = 0; i < 300; ++i) rate.update(total += 50, now += milliseconds(100));
  EXPECT_NEAR(rate.per_second(), 500, 1);
}

TEST(Rate_estimate, does_not_jump_for_one_interval) {
  RateEstimate rate;
  milliseconds now{0};
  double total = 0;
  for (int i = 0; i < 100; ++i) rate.update(total += 10, now += milliseconds(100));
  rate.update(total += 1000, now += milliseconds(100));
  EXPECT_LT(rate.per_second(), 500);
}

TEST(Progress, tells_phase_share_rate_and_time_left) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  ProgressState state;
  state.phase = "Reading";
  state.items_done = 1234;
  state.items_total = 4000;
  state.bytes_done = 512U << 20;
  state.bytes_total = 1U << 30;
  state.bytes_per_second = 64 << 20;
  state.seconds_elapsed = 8;
  state.problems = 2;
  const std::string line = render_progress(state, 160).at(0);
  EXPECT_THAT(line, HasSubstr("[0:08] Reading"));
  EXPECT_THAT(line, HasSubstr("50.0 %"));
  EXPECT_THAT(line, HasSubstr("1,234 of 4,000"));
  EXPECT_THAT(line, HasSubstr("512 MiB of 1.00 GiB"));
  EXPECT_THAT(line, HasSubstr("64.0 MiB/s"));
  EXPECT_THAT(line, HasSubstr("0:08 left"));
  EXPECT_THAT(line, HasSubstr("2 problems"));
}

TEST(Progress, claims_nothing_that_is_not_known) {
  ProgressState state;
  state.phase = "Reading";
  state.items_done = 3;
  state.bytes_done = 5;
  state.seconds_elapsed = 100;
  const std::string line = render_progress(state, 160).at(0);
  EXPECT_THAT(line, Not(HasSubstr("%")));
  EXPECT_THAT(line, Not(HasSubstr("left")));
  EXPECT_THAT(line, Not(HasSubstr("of")));
}

TEST(Progress, fits_every_width_whatever_the_names) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  ProgressState state;
  state.phase = "Reading";
  state.bytes_done = 1;
  state.bytes_total = 1U << 30;
  state.stopping = true;
  state.current = {"/a/\x1b[2J\n" + std::string(300, 'x'), "/日本/" + std::string(50, '/')};
  for (std::size_t columns = 1; columns < 120; ++columns)
    for (const std::string& line : render_progress(state, columns)) {
      EXPECT_LE(display_width(line), std::max<std::size_t>(1, columns - 1));
      EXPECT_EQ(line.find('\x1b'), std::string::npos);
      EXPECT_EQ(line.find('\n'), std::string::npos);
    }
}

}  // namespace igudar
