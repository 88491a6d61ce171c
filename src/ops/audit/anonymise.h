#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "format/audit_entry.h"

namespace igudar {

class AuditLog;
class Repository;

struct AnonymiseOptions {
  std::string name;              // "amina@web1"; empty: anyone
  std::optional<TimeNs> before;  // only subjects whose last entry is older
};

// Takes away who did what: removes the keys under which the names, hosts and arguments in the audit entries of some
// subjects lie. The entries stay, and the logs verify as before. Needs capability full. Returns whose keys went; the
// entry that says so comes first, so that a run that is cut short can be repeated.
// Throws permission, and not_found where no subject is of that name.
std::vector<SubjectId> anonymise(const Repository& repository, AuditLog& log, const AnonymiseOptions& options,
                                 std::stop_token stop);

}  // namespace igudar
