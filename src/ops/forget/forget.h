#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "ops/run_monitor.h"
#include "ops/snapshot_filter.h"

namespace igudar {

class Repository;

// A calendar span as in --keep-within 1y5m7d2h.
struct CalendarSpan {
  int years = 0, months = 0, days = 0, hours = 0;
};
std::optional<CalendarSpan> parse_calendar_span(const std::string& text);

// -1 as a count means "all".
struct RetentionPolicy {
  int last = 0, hourly = 0, daily = 0, weekly = 0, monthly = 0, yearly = 0;
  std::optional<CalendarSpan> within;
  std::vector<std::vector<std::string>> tags;  // keep all that have all tags of one of these lists
  bool empty() const {
    return last == 0 && hourly == 0 && daily == 0 && weekly == 0 && monthly == 0 && yearly == 0 && !within &&
           tags.empty();
  }
};

struct ForgetOptions {
  std::vector<std::string> snapshots;  // id prefixes to forget; empty: by policy
  SnapshotFilter filter;
  RetentionPolicy policy;
  bool group_by_host = true;
  bool group_by_paths = true;
  bool group_by_tags = false;
  bool dry_run = false;
};

struct ForgetDecision {
  std::string snapshot_id;
  std::int64_t time = 0;
  std::string host;
  std::vector<std::string> paths;
  std::vector<std::string> tags;
  bool keep = false;
  std::vector<std::string> reasons;  // "last", "daily", …, "clock" for those shielded against a wrong clock, "hold" for
                                     // those that a legal hold covers
};
struct ForgetGroup {
  std::string host;
  std::vector<std::string> paths;
  std::vector<std::string> tags;
  std::vector<ForgetDecision> decisions;  // newest first
};
struct ForgetPlan {
  std::vector<ForgetGroup> groups;
  std::uint64_t kept = 0;
  std::uint64_t forgotten = 0;
};

// Decides (and unless dry_run does) which snapshots go. Leaves one signed tombstone for all of them.
// Throws usage when there is neither a snapshot nor a policy, and when a policy would keep nothing at all.
ForgetPlan forget(Repository& repository, const ForgetOptions& options, RunMonitor& monitor, std::stop_token stop);

}  // namespace igudar
