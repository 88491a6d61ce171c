#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "format/lease.h"
#include "repo/gc_state.h"
#include "repo/repository.h"

namespace igudar {

// Leases: how a running writer holds off the sweep of what it may be using (docs/format.md section 13; W1 and W7 of
// docs/adr/0002-gc-protocol.md).

struct LeaseTiming {
  std::chrono::seconds ttl{1800};
  // What lapsing is measured with; must go on while the machine sleeps.
  std::function<std::chrono::nanoseconds()> clock;
  // Waits before the next renewal, and returns early when stopped. Replaceable, so that tests do not wait.
  std::function<void(std::chrono::nanoseconds, const std::stop_token&)> wait;
};

// One session's lease: published by begin(), renewed every quarter of its time by a thread of its own until release().
//
// A renewal stores SESSION.N+1 and removes what lies before SESSION.N, which stays for another quarter: whoever lists
// the leases meanwhile always sees one of them.
//
// Thread safety: lapsed() and failures() may be called from any thread, the rest from the owner's.
// Errors: failing to renew is tried again, noted in failures(), and ends in lapsed().
// Durability: none wanted. A lease lost in a crash was that of a process that is gone.
class LeaseHolder {
 public:
  LeaseHolder(const Repository& repository, const SessionId& session, LeaseRole role, LeaseTiming timing = {});
  // Stops renewing. A lease that was not released stays until it lapses.
  ~LeaseHolder();
  LeaseHolder(const LeaseHolder&) = delete;
  LeaseHolder& operator=(const LeaseHolder&) = delete;

  // W1: publishes the lease under the newest generation and returns that generation's state. To begin anew under a
  // newer one, call it again.
  GcState begin(std::stop_token stop);
  // Whether so much time has passed since the last renewal was begun that others may count the lease as lapsed, or will
  // within a quarter of its time (W4).
  bool lapsed() const;
  // Throws lease_lapsed if so.
  void require_alive() const;
  // W7: stops renewing and removes the lease.
  void release(std::stop_token stop);
  // What went wrong with renewals.
  std::vector<std::string> failures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

enum class LeaseLiveness {
  live,
  lapsed,      // by the storage's clock
  holder_dead  // its process ran on this machine and is gone
};

struct ListedLease {
  ObjectName name;
  std::optional<Lease> lease;       // none when it cannot be read
  std::optional<Error> unreadable;  // then: why
  TimeNs stored_at = 0;
  LeaseLiveness liveness = LeaseLiveness::live;
};
// All leases, sorted by name (P5). One that cannot be read may be of any generation, and counts as live: until the
// default time has passed when it is damaged, else, for instance when a newer program stored it, for as long as any
// lease may. Thread-safe.
std::vector<ListedLease> list_leases(const Repository& repository, std::stop_token stop);

}  // namespace igudar
