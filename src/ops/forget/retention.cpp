#include "ops/forget/retention.h"

#include <algorithm>
#include <ctime>
#include <limits>
#include <tuple>

namespace igudar {

namespace {

std::time_t seconds_of(TimeNs time) {
  return static_cast<std::time_t>(time / kNsPerSecond - (time % kNsPerSecond < 0 ? 1 : 0));
}

std::tm local_time(TimeNs time) {
  const std::time_t seconds = seconds_of(time);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local;
}

// Names of the bucket that a local time falls into.
std::string bucket_name(const std::tm& local, const char* format) {
  char text[32];
  return {text, std::strftime(text, sizeof text, format, &local)};
}

// One count of a policy, while it is being used up.
struct Bucket {
  const char* reason;
  const char* format;  // of strftime; nullptr: every snapshot is a bucket of its own
  int left;            // -1: no end
  std::string last{};  // name of the bucket that was kept last

  bool keeps(const std::tm& local, bool oldest) {
    if (left == 0) return false;
    if (format != nullptr) {
      std::string name = bucket_name(local, format);
      if (name == last && !oldest) return false;
      last = std::move(name);
    }
    if (left > 0) --left;
    return true;
  }
};

std::vector<Bucket> buckets_of(const RetentionPolicy& policy) {
  return {{"last", nullptr, policy.last},       {"hourly", "%Y-%m-%d %H", policy.hourly},
          {"daily", "%Y-%m-%d", policy.daily},  {"weekly", "%G-%V", policy.weekly},
          {"monthly", "%Y-%m", policy.monthly}, {"yearly", "%Y", policy.yearly}};
}

// `time` less a span, days and more by the calendar. As far back as can be when that is out of reach.
TimeNs before(TimeNs time, const CalendarSpan& span) {
  std::tm local = local_time(time);
  local.tm_year -= span.years;
  local.tm_mon -= span.months;
  local.tm_mday -= span.days;
  local.tm_isdst = -1;
  const std::int64_t seconds = std::int64_t{::mktime(&local)} - std::int64_t{span.hours} * 3600;
  constexpr TimeNs earliest = std::numeric_limits<TimeNs>::min();
  if (seconds <= earliest / kNsPerSecond) return earliest;
  return seconds * kNsPerSecond + (time - TimeNs{seconds_of(time)} * kNsPerSecond);
}

// What lies after it is kept by `within`: everything when all snapshots are of the future, so that there is no newest.
std::optional<TimeNs> start_of_span(const std::vector<RetentionCandidate>& candidates, const RetentionPolicy& policy,
                                    TimeNs now) {
  if (!policy.within) return std::nullopt;
  constexpr TimeNs earliest = std::numeric_limits<TimeNs>::min();
  TimeNs newest = earliest;
  for (const RetentionCandidate& candidate : candidates)
    if (candidate.time <= now) newest = std::max(newest, candidate.time);
  return newest == earliest ? earliest : before(newest, *policy.within);
}

bool has_tags(const RetentionCandidate& candidate, const RetentionPolicy& policy) {
  return std::any_of(policy.tags.begin(), policy.tags.end(), [&](const std::vector<std::string>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& tag) {
      return std::find(candidate.tags.begin(), candidate.tags.end(), tag) != candidate.tags.end();
    });
  });
}

}  // namespace

std::vector<RetentionVerdict> apply_policy(std::vector<RetentionCandidate> candidates, const RetentionPolicy& policy,
                                           TimeNs now) {
  std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
    return std::tie(b.time, b.client_time, a.id) < std::tie(a.time, a.client_time, b.id);
  });
  const std::optional<TimeNs> within = start_of_span(candidates, policy, now);
  std::vector<Bucket> buckets = buckets_of(policy);
  std::vector<RetentionVerdict> verdicts;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    RetentionVerdict& verdict = verdicts.emplace_back(RetentionVerdict{std::move(candidates[i]), false, {}});
    const std::tm local = local_time(verdict.candidate.time);
    const bool oldest = i + 1 == candidates.size();
    for (Bucket& bucket : buckets)
      if (bucket.keeps(local, oldest)) verdict.reasons.emplace_back(bucket.reason);
    if (within && verdict.candidate.time > *within) verdict.reasons.emplace_back("within");
    if (has_tags(verdict.candidate, policy)) verdict.reasons.emplace_back("tag");
    verdict.keep = !verdict.reasons.empty();
  }
  return verdicts;
}

std::optional<CalendarSpan> parse_calendar_span(const std::string& text) {
  constexpr int kMost = 1'000'000;
  CalendarSpan span;
  std::string seen;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t digits = at;
    int number = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      number = number * 10 + (text[at] - '0');
      if (number > kMost) return std::nullopt;
    }
    if (at == digits || at == text.size() || seen.find(text[at]) != std::string::npos) return std::nullopt;
    seen += text[at];
    switch (text[at]) {
      case 'y':
        span.years = number;
        break;
      case 'm':
        span.months = number;
        break;
      case 'd':
        span.days = number;
        break;
      case 'h':
        span.hours = number;
        break;
      default:
        return std::nullopt;
    }
  }
  if (span.years == 0 && span.months == 0 && span.days == 0 && span.hours == 0) return std::nullopt;
  return span;
}

}  // namespace igudar
