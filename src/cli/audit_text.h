#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/json_fields.h"
#include "ops/audit_history.h"

namespace igudar {

// Entries of the audit log as text, for people and for other programs. Pure functions.

// "intent", "outcome", …; "unknown" for one of a newer program.
const char* audit_type_name(AuditType type);
// "amina@web1", "(anonymised)", "(sealed)" or "".
std::string audit_person(const AuditEvent& event);

// All that an entry says.
Json audit_json(const AuditEvent& event);
// RFC 4180: a title line, and a line for each entry, without the CR LF at their ends. Control characters are escaped,
// and cells that a spreadsheet would take for a formula begin with an apostrophe.
std::string audit_csv_title();
std::string audit_csv_line(const AuditEvent& event);
// RFC 5424, facility 13 (log audit), without a line end.
std::string audit_syslog_line(const AuditEvent& event);

}  // namespace igudar
