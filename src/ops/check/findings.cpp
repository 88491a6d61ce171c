#include "ops/check/findings.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

void Findings::Told::add(std::string object, std::string text) {
  if (!texts.emplace(std::move(object), std::move(text)).second) return;
  ++count;
  if (texts.size() > kMostTold) texts.erase(std::prev(texts.end()));
}

std::vector<Finding> Findings::Told::list() const {
  std::vector<Finding> list;
  for (const auto& [object, text] : texts) list.push_back({object, text});
  if (count > texts.size())
    list.push_back({"…", trf_plural("and {} more like these", "and {} more like these", count - texts.size(),
                                    count - texts.size())});
  return list;
}

void Findings::damage(Topic topic, std::string object, std::string text) {
  state_.with(
      [&](State& state) { state.damage.at(static_cast<std::size_t>(topic)).add(std::move(object), std::move(text)); });
}

void Findings::absence(Topic topic, std::string object, std::string text) {
  state_.with([&](State& state) { state.absence = true; });
  damage(topic, std::move(object), std::move(text));
}

void Findings::remark(std::string object, std::string text) {
  state_.with([&](State& state) { state.remarks.add(std::move(object), std::move(text)); });
}

void Findings::affect(const SnapshotId& snapshot) {
  state_.with([&](State& state) { state.affected.insert(snapshot); });
}

bool Findings::any_damage() const {
  return state_.with([](const State& state) {
    return std::any_of(state.damage.begin(), state.damage.end(), [](const Told& told) { return told.count > 0; });
  });
}

bool Findings::any_absence() const {
  return state_.with([](const State& state) { return state.absence; });
}

void Findings::report(CheckSummary& summary) {
  state_.with([&](State& state) {
    for (const Told& told : state.damage)
      for (Finding& finding : told.list()) summary.damage.push_back(std::move(finding));
    summary.remarks = state.remarks.list();
    for (const SnapshotId& id : state.affected) summary.affected_snapshots.push_back(to_hex(id.view()));
  });
}

bool is_about_object(const Error& error) {
  switch (error.code()) {
    case ErrorCode::damaged:
    case ErrorCode::truncated:
    case ErrorCode::forged:
    case ErrorCode::not_found:
    case ErrorCode::io:
    case ErrorCode::permission:
    case ErrorCode::unsupported:
      return true;
    default:
      return false;
  }
}

}  // namespace igudar
