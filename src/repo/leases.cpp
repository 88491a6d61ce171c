#include "repo/leases.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "base/clock.h"
#include "base/hex.h"
#include "base/translate.h"
#include "concurrency/guarded.h"
#include "concurrency/interruptible_wait.h"
#include "concurrency/task_scope.h"
#include "crypto/keyed_hash.h"
#include "repo/local_identity.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestLease = 64U << 10;
constexpr std::uint64_t kLongestSeconds = 7 * 24 * 3600;  // no lease holds off a sweep for longer, whatever it says
constexpr std::size_t kMostFailures = 20;
constexpr int kListings = 8;

std::string lease_id(const SessionId& session, std::uint64_t number) {
  return to_hex(session.view()) + '.' + std::to_string(number);
}

Id32 machine_key(ByteView index_key) {
  return hmac_sha256(index_key, view_of(std::string("machine") + '\0' + machine_identity()));
}

// A lease in this process's name.
Lease own_lease(const Repository& repository, LeaseRole role, std::chrono::seconds ttl) {
  Lease lease;
  lease.seconds = static_cast<std::uint64_t>(ttl.count());
  lease.role = role;
  lease.machine = machine_key(repository.keys().index_keys().oldest());
  lease.boot_id = boot_id();
  lease.pid_namespace = pid_namespace();
  lease.pid = static_cast<std::uint64_t>(::getpid());
  lease.process_start = process_start(lease.pid).value_or(0);
  return lease;
}

}  // namespace

struct LeaseHolder::State {
  State(const Repository& in, const SessionId& of, LeaseRole role, LeaseTiming how)
      : repository(in), session(of), timing(std::move(how)), lease(own_lease(in, role, timing.ttl)) {
    if (!timing.clock) timing.clock = boot_clock;
    if (!timing.wait) timing.wait = wait_unless_stopped;
  }

  std::chrono::nanoseconds ttl() const { return timing.ttl; }
  ObjectName name_of(std::uint64_t number) const { return {ObjectKind::lease, lease_id(session, number)}; }
  // Stores the next lease object, then removes those before it: all if it begins anew (of an older generation they
  // would hold off a sweep for nothing), else all but the last.
  void store_next(bool begins_anew, const std::stop_token& stop);
  bool is_overdue() const;
  void remove_all_but(std::size_t keep, const std::stop_token& stop);
  void renew_until_stopped(const std::stop_token& stop);
  void note(const Error& error);

  const Repository& repository;
  const SessionId session;
  LeaseTiming timing;
  Lease lease;
  // The owner and the renewing thread take turns with these: the owner stops the thread before it touches them.
  std::uint64_t next_number = 0;
  std::vector<std::uint64_t> stored;        // numbers that may exist, ascending
  std::atomic<std::int64_t> renewed_at{0};  // by timing.clock, from before the put
  std::atomic<bool> alive{false};           // false for good once it lapsed, until the next begin()
  Guarded<std::vector<std::string>> failures;
  std::optional<TaskScope> renewing;
};

void LeaseHolder::State::store_next(bool begins_anew, const std::stop_token& stop) {
  const std::size_t keep = begins_anew ? 0 : 1;
  const std::chrono::nanoseconds begun = timing.clock();
  const std::uint64_t number = next_number++;
  const ObjectName name = name_of(number);
  const KeyRing& keys = repository.keys();
  const Bytes object = encode_lease(keys.index_keys(), name.id, lease);
  stored.push_back(number);  // even if storing it fails: it may be there all the same
  try {
    repository.store().put(name, object, Durability::volatile_, stop);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::permission) stored.pop_back();  // a refusal leaves nothing behind
    throw;
  }
  // A lease that lapsed before this one took its place left a gap in which others may have swept.
  if (begins_anew)
    alive = true;
  else if (is_overdue())
    alive = false;
  renewed_at = begun.count();
  remove_all_but(keep + 1, stop);
}

bool LeaseHolder::State::is_overdue() const {
  return timing.clock() - std::chrono::nanoseconds(renewed_at.load()) > ttl() - ttl() / 4;
}

void LeaseHolder::State::remove_all_but(std::size_t keep, const std::stop_token& stop) {
  while (stored.size() > keep) {
    repository.store().remove(name_of(stored.front()), stop);
    stored.erase(stored.begin());
  }
}

void LeaseHolder::State::note(const Error& error) {
  failures.with([&](std::vector<std::string>& texts) {
    if (texts.size() < kMostFailures) texts.emplace_back(error.what());
  });
}

void LeaseHolder::State::renew_until_stopped(const std::stop_token& stop) {
  std::chrono::nanoseconds delay = ttl() / 4;
  for (;;) {
    timing.wait(delay, stop);
    if (stop.stop_requested()) return;
    delay = ttl() / 4;
    try {
      store_next(false, stop);
    } catch (const Error& error) {
      if (stop.stop_requested()) return;
      note(error);
      delay = ttl() / 16;
    }
  }
}

LeaseHolder::LeaseHolder(const Repository& repository, const SessionId& session, LeaseRole role, LeaseTiming timing)
    : state_(std::make_unique<State>(repository, session, role, std::move(timing))) {}

LeaseHolder::~LeaseHolder() = default;

GcState LeaseHolder::begin(std::stop_token stop) {
  State& state = *state_;
  state.renewing.reset();
  GcState gc = read_gc_state(state.repository, stop);
  for (;;) {
    state.lease.generation = gc.generation;
    state.store_next(true, stop);
    GcState again = read_gc_state(state.repository, stop);
    const bool same = again.generation == gc.generation;
    gc = std::move(again);
    if (same) break;
  }
  state.renewing.emplace().spawn("lease", [&state](std::stop_token s) { state.renew_until_stopped(s); });
  return gc;
}

bool LeaseHolder::lapsed() const {
  return state_->is_overdue() || !state_->alive;  // in this order: a renewal that came too late clears `alive` first
}

void LeaseHolder::require_alive() const {
  if (!lapsed()) return;
  const std::vector<std::string> why = failures();
  Error error(ErrorCode::lease_lapsed, tr("the lease of this run ended: it could not be renewed in time"),
              tr("Start it again; what it has stored already is used again."));
  if (!why.empty()) error.with_context(why.back());
  throw error;
}

void LeaseHolder::release(std::stop_token stop) {
  state_->renewing.reset();
  state_->alive = false;
  state_->remove_all_but(0, stop);
}

std::vector<std::string> LeaseHolder::failures() const {
  return state_->failures.with([](const std::vector<std::string>& texts) { return texts; });
}

namespace {

// Whether an error says that a lease is there, and what it says cannot be known.
bool is_unreadable(const Error& error) {
  return is_damage(error) || error.code() == ErrorCode::unsupported || error.code() == ErrorCode::io ||
         error.code() == ErrorCode::permission;
}

// How long a lease lives.
std::uint64_t seconds_of(const ListedLease& listed) {
  if (listed.lease) return std::min(listed.lease->seconds, kLongestSeconds);
  return is_damage(*listed.unreadable) ? static_cast<std::uint64_t>(LeaseTiming{}.ttl.count()) : kLongestSeconds;
}

// Judges leases by the storage's clock and by this machine's processes.
class LeaseJudge {
 public:
  LeaseJudge(const Repository& repository, const std::stop_token& stop)
      : now_(repository.store().now(stop)),
        machine_(machine_key(repository.keys().index_keys().oldest())),
        boot_id_(boot_id()),
        pid_namespace_(pid_namespace()) {}

  LeaseLiveness judge(const ListedLease& listed) const {
    const auto seconds = static_cast<TimeNs>(seconds_of(listed));
    // A quarter more than the holder goes by, for clocks that run at different speeds.
    if (now_ - listed.stored_at > (seconds + seconds / 4) * kNsPerSecond) return LeaseLiveness::lapsed;
    return listed.lease && holder_is_dead(*listed.lease) ? LeaseLiveness::holder_dead : LeaseLiveness::live;
  }

 private:
  bool holder_is_dead(const Lease& lease) const {
    if (lease.machine != machine_ || lease.boot_id.empty() || boot_id_.empty()) return false;
    if (lease.boot_id != boot_id_) return true;
    if (lease.pid_namespace != pid_namespace_ || lease.pid_namespace == 0 || lease.process_start == 0) return false;
    if (!process_exists(lease.pid)) return true;
    const std::optional<std::uint64_t> start = process_start(lease.pid);
    return start && *start != lease.process_start;
  }

  TimeNs now_;
  Id32 machine_;
  std::string boot_id_;
  std::uint64_t pid_namespace_;
};

// Throws not_found when a lease was renewed or released since the listing.
std::vector<ListedLease> read_listed_leases(const Repository& repository, const std::stop_token& stop) {
  const KeyRing& keys = repository.keys();
  std::vector<ListedLease> leases;
  for (const ObjectInfo& object : repository.store().list(ObjectKind::lease, stop)) {
    ListedLease& listed = leases.emplace_back();
    listed.name = object.name;
    listed.stored_at = object.stored_at;
    try {
      listed.lease =
          decode_lease(keys.index_keys(), object.name.id, repository.store().get(object.name, kLargestLease, stop));
    } catch (const Error& error) {
      if (!is_unreadable(error)) throw;
      listed.unreadable = error;
    }
  }
  return leases;
}

}  // namespace

std::vector<ListedLease> list_leases(const Repository& repository, std::stop_token stop) {
  for (int listing = 1;; ++listing) {
    try {
      const LeaseJudge judge(repository, stop);
      std::vector<ListedLease> leases = read_listed_leases(repository, stop);
      for (ListedLease& lease : leases) lease.liveness = judge.judge(lease);
      return leases;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found || listing == kListings) throw;
    }
  }
}

}  // namespace igudar
