#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "repo/repository.h"

namespace igudar {

// When this machine last saw a recovery key open its slot, by the slot's id. Kept in the state folder: another machine
// knows nothing of it. Thread-safe functions; several processes may use them, the last one to write wins.

// A test counts for so long.
constexpr TimeNs kRecoveryTestCounts = 180 * 24 * 3600 * kNsPerSecond;

// What is damaged or not there is as if never tested.
std::map<std::string, TimeNs> recovery_tests(const Repository& repository);
// False: it could not be remembered.
bool remember_recovery_test(const Repository& repository, const std::string& slot, TimeNs when);

}  // namespace igudar
