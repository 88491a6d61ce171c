#include "ops/audit/anonymise.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/translate.h"
#include "repo/audit_log.h"
#include "repo/audit_store.h"
#include "repo/audit_subject.h"
#include "repo/repository.h"

namespace igudar {

namespace {

// When each subject was last written about.
std::map<SubjectId, TimeNs> last_uses(const Repository& repository, const std::stop_token& stop) {
  std::map<SubjectId, TimeNs> uses;
  const StoredAuditLogs stored = read_audit_logs(repository, stop);
  for (const auto& [log, entries] : stored.logs)
    for (const auto& [number, copies] : entries)
      for (const Bytes& object : copies) {
        try {
          const AuditEntry entry = decode_audit_entry(object);
          if (!entry.subject) continue;
          TimeNs& last = uses[*entry.subject];
          last = std::max(last, open_audit_facts(entry, repository.keys().index_keys()).time);
        } catch (const Error& error) {
          if (!is_damage(error) && error.code() != ErrorCode::unsupported) throw;
        }
      }
  return uses;
}

std::vector<SubjectId> chosen(const Repository& repository, const AnonymiseOptions& options,
                              const std::stop_token& stop) {
  const Subjects subjects = read_subjects(repository, stop);
  std::map<SubjectId, TimeNs> uses;
  if (options.before) uses = last_uses(repository, stop);
  std::vector<SubjectId> ids;
  for (const auto& [id, subject] : subjects.present) {
    if (!subject || (!options.name.empty() && subject->name != options.name)) continue;
    if (options.before && uses[id] >= *options.before) continue;
    ids.push_back(id);
  }
  return ids;
}

}  // namespace

std::vector<SubjectId> anonymise(const Repository& repository, AuditLog& log, const AnonymiseOptions& options,
                                 std::stop_token stop) {
  repository.keys().require_reading();
  repository.config().require_support(Operation::delete_);
  std::vector<SubjectId> subjects = chosen(repository, options, stop);
  if (subjects.empty()) {
    if (options.before) return subjects;
    throw Error(ErrorCode::not_found, tr("the audit log knows nobody of that name"),
                tr("'igudar audit show' shows the names, as USER@HOST."));
  }
  AuditFacts facts;
  facts.type = AuditType::anonymised;
  facts.operation = "audit anonymise";
  facts.subjects = subjects;
  log.append(std::move(facts), std::nullopt);
  for (const SubjectId& subject : subjects) remove_subject(repository, subject, stop);
  log.forget_own(subjects);
  return subjects;
}

}  // namespace igudar
