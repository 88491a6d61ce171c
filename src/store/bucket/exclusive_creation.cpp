#include "store/bucket/exclusive_creation.h"

#include "base/error.h"

namespace igudar {

namespace {

constexpr std::string_view kExclusive =
    "This place holds an Igudar repository.\nThe service creates objects exclusively: yes\n";
constexpr std::string_view kNotExclusive =
    "This place holds an Igudar repository.\nThe service creates objects exclusively: no\n";
constexpr std::uint64_t kLargestMarker = 4096;

}  // namespace

// Puts the marker as of a service that creates exclusively, and once more as of one that does not: where the condition
// is honoured the first stays.
bool ExclusiveCreation::try_it(const std::string& root, const std::stop_token& stop) {
  const std::string key = root + kMarkerKey;
  try {
    service_->put(key, view_of(kExclusive), PutCondition::absent, stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unsupported) throw;
    service_->put(key, view_of(kNotExclusive), PutCondition::none, stop);
    return false;
  }
  try {
    service_->put(key, view_of(kNotExclusive), PutCondition::absent, stop);
    return false;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::already_exists) throw;
    return true;
  }
}

bool ExclusiveCreation::find_out(const std::string& root, const std::stop_token& stop) {
  return known_.with([&](std::optional<bool>& known) {
    known = try_it(root, stop);
    return *known;
  });
}

bool ExclusiveCreation::known(const std::stop_token& stop) {
  return known_.with([&](std::optional<bool>& known) {
    if (!known) known = written(stop);
    if (!known) known = try_it("", stop);
    return *known;
  });
}

void ExclusiveCreation::look(const std::stop_token& stop) {
  known_.with([&](std::optional<bool>& known) {
    if (!known) known = written(stop);
  });
}

std::optional<bool> ExclusiveCreation::written(const std::stop_token& stop) {
  const auto marker = service_->get(kMarkerKey, kLargestMarker, stop);
  return marker ? std::optional(text_of(*marker) == kExclusive) : std::nullopt;
}

}  // namespace igudar
