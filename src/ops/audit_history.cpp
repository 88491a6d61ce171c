#include "ops/audit_history.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/hex.h"
#include "crypto/hash.h"
#include "repo/audit_log.h"
#include "repo/audit_subject.h"
#include "repo/repository.h"

namespace igudar {

namespace {

class HistoryReader {
 public:
  HistoryReader(const Repository& repository, Subjects subjects)
      : repository_(repository), subjects_(std::move(subjects)) {}

  AuditEvent read(const AuditHead& place, const Bytes& object) const {
    AuditEvent event;
    event.place = place;
    event.genuine = is_genuine_audit_entry(object, repository_.keys().domain(), repository_.config().authority);
    try {
      const AuditEntry entry = decode_audit_entry(object);
      event.signer = entry.signer;
      event.facts = open_audit_facts(entry, repository_.keys().index_keys());
      read_person(entry, event);
    } catch (const Error& error) {
      if (!is_damage(error) && error.code() != ErrorCode::unsupported) throw;
      event.readable = false;
    }
    return event;
  }

 private:
  void read_person(const AuditEntry& entry, AuditEvent& event) const {
    if (!entry.subject) return;
    const auto found = subjects_.present.find(*entry.subject);
    if (found == subjects_.present.end()) {
      event.person = AuditPerson::anonymised;
    } else if (!found->second) {
      event.person = AuditPerson::sealed;
    } else {
      event.personal = open_audit_personal(entry, found->second->key.view());
      event.person = AuditPerson::shown;
    }
  }

  const Repository& repository_;
  const Subjects subjects_;
};

// What this machine keeps until it can be stored.
void add_unstored(const Repository& repository, StoredAuditLogs& stored) {
  for (const std::vector<LocalAuditEntry>& log : local_audit_logs(repository))
    for (const LocalAuditEntry& kept : log) {
      if (kept.stored) continue;
      const AuditEntry entry = decode_audit_entry(kept.object);
      std::vector<Bytes>& copies = stored.logs[entry.log][entry.number];
      if (copies.empty()) copies.push_back(kept.object);
    }
}

}  // namespace

AuditHistory read_audit_history(const Repository& repository, const AuditPeriod& period, std::stop_token stop) {
  AuditHistory history;
  StoredAuditLogs stored = read_audit_logs(repository, stop);
  history.damaged = std::move(stored.damaged);
  add_unstored(repository, stored);
  Subjects subjects = read_subjects(repository, stop);
  history.damaged.insert(history.damaged.end(), subjects.damaged.begin(), subjects.damaged.end());
  const HistoryReader reader(repository, std::move(subjects));
  for (const auto& [log, entries] : stored.logs) {
    std::optional<Id32> signer;
    for (const auto& [number, copies] : entries)
      for (const Bytes& object : copies) {
        AuditEvent event = reader.read({log, number, sha256(object)}, object);
        if (event.genuine && !signer) signer = event.signer;
        event.genuine = event.genuine && event.signer == *signer;
        const TimeNs time = event.facts.time;
        const bool wanted = (!period.since || time >= *period.since) && (!period.until || time <= *period.until);
        if (wanted || !event.readable) history.events.push_back(std::move(event));
      }
  }
  std::sort(history.events.begin(), history.events.end(), [](const AuditEvent& a, const AuditEvent& b) {
    return std::tie(a.facts.time, a.place) < std::tie(b.facts.time, b.place);
  });
  return history;
}

std::vector<AuditOperation> operations_of(const std::vector<AuditEvent>& events) {
  std::map<std::pair<AuditLogId, std::uint64_t>, std::size_t> announced;
  std::vector<AuditOperation> operations;
  for (const AuditEvent& event : events) {
    if (event.readable && event.facts.type == AuditType::outcome && event.facts.intent) {
      const auto intent = announced.find({event.place.log, *event.facts.intent});
      if (intent != announced.end() && operations[intent->second].outcome == nullptr) {
        operations[intent->second].outcome = &event;
        continue;
      }
    }
    if (event.readable && event.facts.type == AuditType::intent)
      announced[{event.place.log, event.place.number}] = operations.size();
    operations.push_back({&event, nullptr});
  }
  return operations;
}

}  // namespace igudar
