#pragma once

#include <optional>
#include <stop_token>
#include <vector>

#include "format/audit_entry.h"
#include "repo/audit_store.h"
#include "repo/damaged_object.h"

namespace igudar {

class Repository;

// Whether an entry tells who.
enum class AuditPerson : std::uint8_t {
  shown,
  sealed,      // this key slot does not allow to read it
  anonymised,  // the key of the subject is gone
  unnamed      // the entry names nobody
};

// One entry of the audit log.
struct AuditEvent {
  AuditHead place;
  bool genuine = true;   // signed by one whom the authority certified, the same as the rest of the log
  bool readable = true;  // false: nothing but `place` and `signer` is known
  Id32 signer;
  AuditFacts facts;
  AuditPerson person = AuditPerson::unnamed;
  AuditPersonal personal;
};

// An operation: what announced it, and how it ended. Other entries stand alone.
struct AuditOperation {
  const AuditEvent* event = nullptr;
  const AuditEvent* outcome = nullptr;  // nullptr: unfinished, or no operation
};

struct AuditPeriod {
  std::optional<TimeNs> since;
  std::optional<TimeNs> until;
};

struct AuditHistory {
  std::vector<AuditEvent> events;      // by time, log and number
  std::vector<DamagedObject> damaged;  // what could not be read
};

// All entries that say they are of this period: what the storage has, and what this machine could not store yet.
AuditHistory read_audit_history(const Repository& repository, const AuditPeriod& period, std::stop_token stop);
// The operations among them, and the entries that are none; pointers into `events`.
std::vector<AuditOperation> operations_of(const std::vector<AuditEvent>& events);

}  // namespace igudar
