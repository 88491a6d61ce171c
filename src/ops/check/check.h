#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ops/run_monitor.h"

namespace igudar {

class Repository;

// Which packs --read-data reads: all, a share of the bytes (those not read for the longest time first), part k of n, or
// so many bytes.
struct ReadDataSelection {
  enum class Kind { none, all, percent, part, bytes };
  Kind kind = Kind::none;
  double percent = 0;
  std::uint32_t part = 0;  // 1-based
  std::uint32_t parts = 0;
  std::uint64_t bytes = 0;
};
// "5%", "1/7", "2G"; nullopt when malformed.
std::optional<ReadDataSelection> parse_read_data_subset(const std::string& text);

struct CheckOptions {
  ReadDataSelection read_data;
  bool signatures = false;    // tell for each snapshot who signed it, and what its time-stamps are worth
  std::string time_stamp_ca;  // file of the certificates that vouch for time-stamps; empty: those the system trusts
  unsigned threads = 0;
};

// One thing found wrong.
struct Finding {
  std::string object;  // "packs/1f3a…", "snapshots/ab12…"
  std::string text;    // what is wrong with it, and what to do; translated
};

// What the signature of a snapshot's record is worth.
enum class SignatureVerdict {
  valid,       // by a key slot that is there
  unknown,     // by one that had the right to it, and was removed since
  forged,      // by nobody who had
  replayed,    // valid once, then forgotten, and brought back
  rolled_back  // gone, though this machine saw it or another record names it: the storage shows an older state
};
// What a time-stamp of a snapshot is worth.
enum class StampVerdict {
  valid,
  untrusted,     // well made, by an authority that no trusted certificate vouches for
  expired,       // likewise, but a certificate of the authority was not valid at that time
  forged,        // of something else, or nobody's
  contradiction  // valid, and the snapshot says that it was made later
};
struct SnapshotStamp {
  std::string object;  // "timestamps/…"
  StampVerdict verdict = StampVerdict::valid;
  std::string reason;  // translated; empty when valid
  TimeNs time = 0;     // when the authority says it was
  std::string authority, serial, policy, url;
};
struct SnapshotSignature {
  std::string snapshot;  // its id
  SignatureVerdict verdict = SignatureVerdict::valid;
  TimeNs time = 0;     // of the snapshot; like what follows only for valid and unknown
  std::string signer;  // the public key, 64 hex digits
  std::string slot;    // what follows is empty for unknown
  std::string user, host;
  std::vector<SnapshotStamp> stamps;  // by time
};

struct CheckSummary {
  std::vector<Finding> damage;                  // an exit status of 11 when there is any
  std::vector<Finding> remarks;                 // harmless: leftovers of interrupted runs, an old lease
  std::vector<std::string> affected_snapshots;  // ids of snapshots that do not restore whole
  std::vector<SnapshotSignature> signatures;    // where they were asked for: by time, those without one last
  std::uint64_t snapshots = 0;
  std::uint64_t packs = 0;
  std::uint64_t chunks = 0;
  std::uint64_t packs_read = 0;
  std::uint64_t bytes_read = 0;
  double seconds = 0;
};

// Verifies the repository. Damage is returned, not thrown, unless nothing can be checked at all.
CheckSummary check(Repository& repository, const CheckOptions& options, RunMonitor& monitor, std::stop_token stop);

}  // namespace igudar
