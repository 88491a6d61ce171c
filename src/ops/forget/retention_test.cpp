#include "ops/forget/retention.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>

namespace igudar {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RetentionTest : public ::testing::Test {
 protected:
  void SetUp() override { set_zone("CET-1CEST,M3.5.0,M10.5.0/3"); }
  void TearDown() override { set_zone("UTC0"); }
  static void set_zone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }

  // One snapshot for each local time, its id being that text.
  static std::vector<RetentionCandidate> at(const std::vector<std::string>& times) {
    std::vector<RetentionCandidate> candidates;
    for (const std::string& time : times) candidates.push_back({time, *parse_time(time, false), {}});
    return candidates;
  }
  static std::vector<std::string> kept(const std::vector<RetentionCandidate>& candidates, const RetentionPolicy& policy,
                                       const std::string& now = "2100-01-01") {
    std::vector<std::string> ids;
    for (const RetentionVerdict& verdict : apply_policy(candidates, policy, *parse_time(now, false)))
      if (verdict.keep) ids.push_back(verdict.candidate.id);
    return ids;
  }
  static RetentionPolicy policy(int RetentionPolicy::*count, int value) {
    RetentionPolicy result;
    result.*count = value;
    return result;
  }
};

TEST_F(RetentionTest, Keep_last_keeps_the_newest_whatever_the_order_given) {
  const auto three = at({"2024-05-01 10:00", "2024-05-01 12:00", "2024-05-01 11:00"});
  EXPECT_THAT(kept(three, policy(&RetentionPolicy::last, 2)), ElementsAre("2024-05-01 12:00", "2024-05-01 11:00"));
}

TEST_F(RetentionTest, Keep_last_keeps_the_later_of_two_in_one_second_of_the_storage) {
  auto two = at({"2024-05-01 10:00", "2024-05-01 10:00"});
  two[0].id = "later";
  two[0].client_time = two[0].time + 900'000'000;
  two[1].id = "earlier";
  two[1].client_time = two[0].time + 100'000'000;
  EXPECT_THAT(kept(two, policy(&RetentionPolicy::last, 1)), ElementsAre("later"));
}

TEST_F(RetentionTest, Minus_one_keeps_all) {
  const auto three = at({"2024-05-01 10:00", "2024-05-01 10:10", "2024-05-01 10:20"});
  EXPECT_EQ(kept(three, policy(&RetentionPolicy::last, -1)).size(), 3U);
}

TEST_F(RetentionTest, Keep_hourly_keeps_the_newest_of_each_hour) {
  const auto list =
      at({"2024-05-01 08:00", "2024-05-01 09:05", "2024-05-01 09:55", "2024-05-01 10:00", "2024-05-01 10:59"});
  EXPECT_THAT(kept(list, policy(&RetentionPolicy::hourly, 2)), ElementsAre("2024-05-01 10:59", "2024-05-01 09:55"));
}

TEST_F(RetentionTest, Keep_daily_keeps_the_newest_of_each_day_and_skips_days_without_any) {
  const auto list =
      at({"2024-04-20 12:00", "2024-05-01 08:00", "2024-05-01 23:59", "2024-05-02 00:00", "2024-05-05 10:00"});
  EXPECT_THAT(kept(list, policy(&RetentionPolicy::daily, 3)),
              ElementsAre("2024-05-05 10:00", "2024-05-02 00:00", "2024-05-01 23:59"));
}

TEST_F(RetentionTest, Counts_left_over_keep_the_oldest_too) {
  const auto list = at({"2024-05-01 08:00", "2024-05-01 10:00", "2024-05-02 10:00"});
  EXPECT_THAT(kept(list, policy(&RetentionPolicy::daily, 3)),
              ElementsAre("2024-05-02 10:00", "2024-05-01 10:00", "2024-05-01 08:00"));
  EXPECT_THAT(kept(list, policy(&RetentionPolicy::daily, 2)), ElementsAre("2024-05-02 10:00", "2024-05-01 10:00"));
}

TEST_F(RetentionTest, Keep_weekly_reckons_in_iso_weeks) {
  // Monday, 30 December 2024 begins week 1 of 2025.
  const auto list =
      at({"2024-12-22 10:00", "2024-12-28 10:00", "2024-12-29 10:00", "2024-12-30 10:00", "2025-01-05 10:00"});
  EXPECT_THAT(kept(list, policy(&RetentionPolicy::weekly, 2)), ElementsAre("2025-01-05 10:00", "2024-12-29 10:00"));
}

TEST_F(RetentionTest, Keep_monthly_and_yearly_keep_the_newest_of_each) {
  const auto list =
      at({"2022-01-31 10:00", "2023-06-01 10:00", "2024-01-31 10:00", "2024-02-01 10:00", "2024-02-29 10:00"});
  EXPECT_THAT(kept(list, policy(&RetentionPolicy::monthly, 2)), ElementsAre("2024-02-29 10:00", "2024-01-31 10:00"));
  EXPECT_THAT(kept(list, policy(&RetentionPolicy::yearly, 2)), ElementsAre("2024-02-29 10:00", "2023-06-01 10:00"));
}

TEST_F(RetentionTest, Days_begin_at_local_midnight) {
  // Local midnight is 22:00 of universal time in summer; a third snapshot keeps the oldest one out of it.
  const std::vector<std::string> times = {"2024-06-01T10:00:00Z", "2024-07-01T21:30:00Z", "2024-07-01T22:30:00Z"};
  EXPECT_THAT(kept(at(times), policy(&RetentionPolicy::daily, 2)), ElementsAre(times[2], times[1]));
  set_zone("UTC0");
  EXPECT_THAT(kept(at(times), policy(&RetentionPolicy::daily, 2)), ElementsAre(times[2], times[0]));
}

TEST_F(RetentionTest, Keep_within_reckons_back_from_the_newest_snapshot_that_is_not_of_the_future) {
  RetentionPolicy within;
  within.within = CalendarSpan{0, 1, 0, 12};
  const auto list = at({"2024-04-30 21:59", "2024-04-30 22:01", "2024-05-31 10:00"});
  EXPECT_THAT(kept(list, within), ElementsAre("2024-05-31 10:00", "2024-04-30 22:01"));
  const auto with_future = at({"2024-04-30 21:59", "2024-04-30 22:01", "2024-05-31 10:00", "2030-01-01"});
  EXPECT_THAT(kept(with_future, within, "2024-06-01"),
              ElementsAre("2030-01-01", "2024-05-31 10:00", "2024-04-30 22:01"));
}

TEST_F(RetentionTest, Keep_within_keeps_everything_when_all_is_of_the_future) {
  RetentionPolicy within;
  within.within = CalendarSpan{0, 0, 1, 0};
  EXPECT_EQ(kept(at({"2030-01-01", "2029-01-01"}), within, "2024-06-01").size(), 2U);
}

TEST_F(RetentionTest, Keep_tag_wants_all_tags_of_one_list) {
  RetentionPolicy tags;
  tags.tags = {{"a", "b"}, {"c"}};
  auto list = at({"2024-05-01", "2024-05-02", "2024-05-03"});
  list[0].tags = {"b", "x", "a"};
  list[1].tags = {"a"};
  list[2].tags = {"c"};
  EXPECT_THAT(kept(list, tags), ElementsAre("2024-05-03", "2024-05-01"));
}

TEST_F(RetentionTest, Rules_add_up_and_say_why) {
  RetentionPolicy rules;
  rules.last = 1;
  rules.daily = 2;
  const auto verdicts =
      apply_policy(at({"2024-05-01 10:00", "2024-05-02 10:00", "2024-05-02 11:00", "2024-04-01"}), rules, 0);
  ASSERT_EQ(verdicts.size(), 4U);
  EXPECT_THAT(verdicts[0].reasons, ElementsAre("last", "daily"));
  EXPECT_THAT(verdicts[1].reasons, IsEmpty());
  EXPECT_THAT(verdicts[2].reasons, ElementsAre("daily"));
  EXPECT_FALSE(verdicts[3].keep);
}

TEST(ParseCalendarSpan, Reads_years_months_days_and_hours) {
  const auto span = parse_calendar_span("1y5m7d2h");
  ASSERT_TRUE(span);
  EXPECT_EQ(span->years, 1);
  EXPECT_EQ(span->months, 5);
  EXPECT_EQ(span->days, 7);
  EXPECT_EQ(span->hours, 2);
  EXPECT_EQ(parse_calendar_span("14d")->days, 14);
}

TEST(ParseCalendarSpan, Refuses_what_is_no_span) {
  for (const char* text : {"", "5", "d", "5x", "1d2d", "-1d", "1d ", "0d", "99999999d"})
    EXPECT_FALSE(parse_calendar_span(text)) << text;
}

}  // namespace
}  // namespace igudar
