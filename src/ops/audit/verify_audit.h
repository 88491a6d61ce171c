#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "format/audit_entry.h"
#include "ops/run_monitor.h"

namespace igudar {

class Repository;

// What is wrong with an audit log.
enum class AuditFault : std::uint8_t {
  missing,    // entries between others, or before them, are not there
  truncated,  // the newest entries are not there, though a checkpoint or this machine saw them
  lost,       // a whole log is not there
  changed,    // an entry is not what it was: damaged, or another than the next one, a checkpoint or this machine says
  moved,      // an entry lies where another belongs
  forged,     // an entry is signed by nobody who may, or by another key than its log
  subject,    // the key of a subject is gone, and no entry says that it was anonymised
  reference,  // a snapshot names an entry that is not there, or is another
};
struct AuditFinding {
  AuditFault fault = AuditFault::missing;
  std::string object;  // "audit/1f3a….7", "subjects/…", "snapshots/…"
  std::string text;    // what is wrong; translated
};

struct AuditVerification {
  std::vector<AuditFinding> findings;  // an exit status of 11 when there are any
  std::vector<AuditHead> heads;        // of all logs, for a checkpoint
  std::uint64_t logs = 0;
  std::uint64_t entries = 0;
  std::uint64_t unknown_signers = 0;  // entries by keys that were removed since
  std::uint64_t unfinished = 0;       // operations without an outcome
  std::uint64_t anonymised = 0;       // subjects
  std::uint64_t put_again = 0;        // entries that the storage had lost, and that this machine had
};

// Verifies all audit logs: chains, signatures, what checkpoints and this machine remember, this machine's copies, the
// references of snapshots, the keys of subjects. Entries that the storage lost and this machine has are stored again.
// Findings are returned, not thrown.
AuditVerification verify_audit(const Repository& repository, RunMonitor& monitor, std::stop_token stop);

}  // namespace igudar
