#pragma once

#include <map>
#include <stop_token>
#include <vector>

#include "format/audit_entry.h"
#include "repo/damaged_object.h"
#include "repo/repository.h"

namespace igudar {

// The audit logs as the storage has them, loose entries and merged ones alike. Thread-safe functions; they throw what
// the storage throws.

struct StoredAuditLogs {
  // By log and number: the bytes found there, several only where copies differ.
  std::map<AuditLogId, std::map<std::uint64_t, std::vector<Bytes>>> logs;
  std::vector<DamagedObject> damaged;  // that could not be read or taken apart
};
StoredAuditLogs read_audit_logs(const Repository& repository, std::stop_token stop);

// The newest entry of each log, by the names alone; those whose newest object cannot be read are left out. Sorted.
std::vector<AuditHead> audit_heads(const Repository& repository, std::stop_token stop);

// Merges the older entries of logs that have more than 64 loose ones. What is merged stays as it is, byte for byte, and
// the loose objects go only when the merged one is durable. Returns how many objects went. Does nothing where the
// storage refuses to remove.
std::uint64_t merge_audit_entries(const Repository& repository, std::stop_token stop);

}  // namespace igudar
