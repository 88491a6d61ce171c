#include "ops/audit/verify_audit.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "crypto/hash.h"
#include "repo/audit_log.h"
#include "repo/audit_store.h"
#include "repo/audit_subject.h"
#include "repo/key_slots.h"
#include "repo/snapshot_catalogue.h"

namespace igudar {

namespace {

std::string object_name(const AuditLogId& log, std::uint64_t number) {
  return ObjectName{ObjectKind::audit, audit_object_id(log, number)}.to_string();
}

std::string log_name(const AuditLogId& log) {
  return "audit/" + to_hex(log.view());
}

// What stands at one place of a log.
struct Standing {
  std::set<Id32> hashes;            // of all copies found there
  Id32 hash;                        // of the one that was judged
  std::optional<AuditFacts> facts;  // where they are genuine and can be read
  std::optional<SubjectId> subject;
  Capability capability = Capability::write;  // of the signer
};
using Log = std::map<std::uint64_t, Standing>;

// One verification. The steps of run() are the steps of the operation.
class Verification {
 public:
  Verification(const Repository& repository, RunMonitor& monitor, std::stop_token stop)
      : repository_(repository), monitor_(monitor), stop_(std::move(stop)) {}

  AuditVerification run() {
    monitor_.phase(tr("Reading the audit log"));
    // The entries last: whatever speaks of an entry came after it.
    catalogue_ = SnapshotCatalogue::load(repository_, CatalogueSource::cache, stop_, Descriptions::closed);
    subjects_ = read_subjects(repository_, stop_);
    known_heads_ = known_audit_heads(repository_);
    local_ = local_audit_logs(repository_);
    stored_ = read_audit_logs(repository_, stop_);
    put_back_lost();
    for (const SlotInfo& slot : list_slots(repository_, stop_))
      if (slot.readable) signers_.insert(slot.signer);
    monitor_.phase(tr("Verifying the audit log"));
    report_damaged();
    for (const auto& [log, entries] : stored_.logs) check_log(log, entries);
    compare_with_copies();
    check_checkpoints();
    check_known_heads();
    check_subjects();
    check_snapshots();
    count_unfinished();
    result_.logs = logs_.size();
    return std::move(result_);
  }

 private:
  void find(AuditFault fault, std::string object, std::string text) {
    result_.findings.push_back({fault, std::move(object), std::move(text)});
  }
  // "backup", where it is known.
  std::string operation_at(const AuditLogId& log, std::uint64_t number) const;

  void put_back_lost();
  void report_damaged();
  void check_log(const AuditLogId& log, const std::map<std::uint64_t, std::vector<Bytes>>& entries);
  void check_gap(const AuditLogId& log, std::uint64_t expected, std::uint64_t found);
  Standing check_entry(const AuditLogId& log, std::uint64_t number, const Bytes& object,
                       const std::optional<Standing>& before);
  void compare_with_copies();
  void check_checkpoints();
  void check_known_heads();
  void check_head(const AuditHead& head, const char* truncated, const char* lost, const char* changed);
  void check_subjects();
  void check_snapshots();
  void count_unfinished();

  const Repository& repository_;
  RunMonitor& monitor_;
  const std::stop_token stop_;
  std::optional<SnapshotCatalogue> catalogue_;
  std::vector<AuditHead> known_heads_;
  std::vector<std::vector<LocalAuditEntry>> local_;
  StoredAuditLogs stored_;
  Subjects subjects_;
  std::set<Id32> signers_;
  std::map<AuditLogId, Id32> log_signers_;
  std::map<AuditLogId, Log> logs_;
  std::set<std::pair<AuditFault, AuditLogId>> reported_;  // of what concerns a whole log: once
  AuditVerification result_;
};

std::string Verification::operation_at(const AuditLogId& log, std::uint64_t number) const {
  const auto found = logs_.find(log);
  if (found == logs_.end()) return {};
  const auto entry = found->second.find(number);
  if (entry == found->second.end() || !entry->second.facts) return {};
  return entry->second.facts->operation;
}

// What the storage took once, and has no more.
void Verification::put_back_lost() {
  for (const std::vector<LocalAuditEntry>& kept : local_)
    for (const LocalAuditEntry& local : kept) {
      if (!local.stored) continue;
      const AuditEntry entry = decode_audit_entry(local.object);
      const ObjectName name{ObjectKind::audit, audit_object_id(entry.log, entry.number)};
      if (!stored_.logs[entry.log][entry.number].empty() ||
          std::any_of(stored_.damaged.begin(), stored_.damaged.end(),
                      [&](const DamagedObject& damaged) { return damaged.name == name; }))
        continue;
      stored_.logs[entry.log][entry.number].push_back(local.object);
      std::string operation;
      try {
        operation = open_audit_facts(entry, repository_.keys().index_keys()).operation;
        repository_.store().put(name, local.object, Durability::durable, {});
        ++result_.put_again;
        find(AuditFault::missing, name.to_string(),
             trf("the storage had lost this entry ('{}'); it was put again from this machine's copy", operation));
      } catch (const Error& error) {
        find(AuditFault::missing, name.to_string(),
             trf("the storage has lost this entry ('{}'); this machine has a copy, which could not be put again: {}",
                 operation, error.what()));
      }
    }
}

void Verification::report_damaged() {
  for (const DamagedObject& damaged : stored_.damaged)
    find(AuditFault::changed, damaged.name.to_string(), trf("the entry was changed: {}", damaged.error.what()));
  for (const DamagedObject& damaged : subjects_.damaged)
    find(AuditFault::subject, damaged.name.to_string(),
         trf("the key of a subject was changed: {}", damaged.error.what()));
}

void Verification::check_log(const AuditLogId& log, const std::map<std::uint64_t, std::vector<Bytes>>& entries) {
  std::optional<Standing> before;
  std::uint64_t expected = 0;
  for (const auto& [number, copies] : entries) {
    if (copies.empty()) continue;
    if (number != expected) {
      check_gap(log, expected, number);
      before.reset();
    }
    if (copies.size() > 1)
      find(AuditFault::changed, object_name(log, number), tr("there are two entries of this number, and they differ"));
    Standing standing = check_entry(log, number, copies.front(), before);
    for (const Bytes& copy : copies) standing.hashes.insert(sha256(copy));
    logs_[log][number] = standing;
    before = std::move(standing);
    expected = number + 1;
    ++result_.entries;
  }
  if (before) result_.heads.push_back({log, expected - 1, before->hash});
}

// Entries are not there; but objects that are there and cannot be read have been reported.
void Verification::check_gap(const AuditLogId& log, std::uint64_t expected, std::uint64_t found) {
  for (const DamagedObject& damaged : stored_.damaged) {
    const std::optional<AuditObjectName> place = parse_audit_object_id(damaged.name.id);
    if (place && place->log == log && place->first <= expected && found <= place->last + 1) return;
  }
  const std::string after = expected == 0 ? "" : operation_at(log, expected - 1);
  find(AuditFault::missing, object_name(log, expected),
       after.empty() ? trf("entries {} to {} are missing", expected, found - 1)
                     : trf("entries {} to {} are missing, after '{}'", expected, found - 1, after));
}

Standing Verification::check_entry(const AuditLogId& log, std::uint64_t number, const Bytes& object,
                                   const std::optional<Standing>& before) {
  const std::string name = object_name(log, number);
  Standing standing;
  standing.hash = sha256(object);
  AuditEntry entry;
  try {
    entry = decode_audit_entry(object);
  } catch (const Error& error) {
    find(AuditFault::changed, name, trf("the entry was changed: {}", error.what()));
    return standing;
  }
  const bool genuine = is_genuine_audit_entry(object, repository_.keys().domain(), repository_.config().authority);
  if (genuine && (entry.log != log || entry.number != number)) {
    find(AuditFault::moved, name,
         trf("here lies {}: entries were swapped or renamed", object_name(entry.log, entry.number)));
    return standing;
  }
  if (!genuine) {
    find(AuditFault::forged, name,
         tr("the signature is not valid: the entry was changed, or somebody without the right wrote it"));
    return standing;
  }
  const Id32& signer = log_signers_.emplace(log, entry.signer).first->second;
  if (entry.signer != signer) {
    find(AuditFault::forged, name, tr("the entry is signed by another key than its log: somebody else wrote it"));
    return standing;
  }
  if (!signers_.contains(entry.signer)) ++result_.unknown_signers;
  const Id32 expected = before ? before->hash : Id32{};
  if ((before || number == 0) && entry.previous != expected)
    find(AuditFault::changed, name, tr("the entry does not follow the one before it: one of them was changed"));
  standing.subject = entry.subject;
  standing.capability = entry.capability;
  try {
    standing.facts = open_audit_facts(entry, repository_.keys().index_keys());
  } catch (const Error& error) {
    if (!is_damage(error) && error.code() != ErrorCode::unsupported) throw;
    find(AuditFault::changed, name, trf("the entry was changed: {}", error.what()));
  }
  return standing;
}

void Verification::compare_with_copies() {
  for (const std::vector<LocalAuditEntry>& kept : local_)
    for (const LocalAuditEntry& local : kept) {
      const AuditEntry entry = decode_audit_entry(local.object);
      const auto log = logs_.find(entry.log);
      if (log == logs_.end()) continue;
      const auto standing = log->second.find(entry.number);
      if (standing != log->second.end() && !standing->second.hashes.contains(sha256(local.object)))
        find(AuditFault::changed, object_name(entry.log, entry.number),
             tr("the entry is not the one that this machine wrote"));
    }
}

// `head` must be there, as it was.
void Verification::check_head(const AuditHead& head, const char* truncated, const char* lost, const char* changed) {
  const auto log = logs_.find(head.log);
  if (log == logs_.end() || log->second.empty()) {
    if (reported_.emplace(AuditFault::lost, head.log).second)
      find(AuditFault::lost, log_name(head.log), trf(lost, head.number + 1));
    return;
  }
  const auto standing = log->second.find(head.number);
  if (standing != log->second.end()) {
    if (!standing->second.hashes.contains(head.hash))
      find(AuditFault::changed, object_name(head.log, head.number), tr(changed));
    return;
  }
  // A hole has been reported as one.
  const std::uint64_t newest = log->second.rbegin()->first;
  if (head.number > newest && reported_.emplace(AuditFault::truncated, head.log).second)
    find(AuditFault::truncated, object_name(head.log, newest + 1),
         trf(truncated, newest + 1, head.number, operation_at(head.log, newest)));
}

void Verification::check_checkpoints() {
  // The newest that is named of each log first: what is cut off is told once, in full.
  std::vector<AuditHead> named;
  for (const auto& [log, entries] : logs_)
    for (const auto& [number, standing] : entries)
      if (standing.facts && standing.capability != Capability::write)
        named.insert(named.end(), standing.facts->heads.begin(), standing.facts->heads.end());
  std::sort(named.begin(), named.end(), std::greater<>());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  for (const AuditHead& head : named)
    check_head(head, N_("entries {} to {} were cut off, after '{}': a checkpoint names them"),
               N_("the whole log is gone: a checkpoint names {} of its entries"),
               N_("the entry was changed: it is not the one that a checkpoint names"));
}

void Verification::check_known_heads() {
  std::map<AuditLogId, AuditHead> newest;
  for (const AuditHead& head : known_heads_) {
    check_head(head, N_("entries {} to {} were cut off, after '{}': this machine saw them"),
               N_("the whole log is gone: this machine saw {} of its entries"),
               N_("the entry was changed: it is not the one that this machine saw"));
    newest.emplace(head.log, head);
  }
  // What is lost goes on being remembered.
  for (const AuditHead& head : result_.heads) {
    AuditHead& known = newest.emplace(head.log, head).first->second;
    if (head.number >= known.number) known = head;
  }
  std::vector<AuditHead> heads;
  for (const auto& [log, head] : newest) heads.push_back(head);
  remember_audit_heads(repository_, heads);
}

void Verification::check_subjects() {
  std::set<SubjectId> accounted;
  for (const auto& [id, subject] : subjects_.present) accounted.insert(id);
  std::set<SubjectId> anonymised;
  for (const auto& [log, entries] : logs_)
    for (const auto& [number, standing] : entries)
      if (standing.facts && standing.facts->type == AuditType::anonymised && standing.capability == Capability::full)
        anonymised.insert(standing.facts->subjects.begin(), standing.facts->subjects.end());
  result_.anonymised = anonymised.size();
  accounted.insert(anonymised.begin(), anonymised.end());
  for (const DamagedObject& damaged : subjects_.damaged)
    if (const std::optional<Bytes> id = from_hex(damaged.name.id)) accounted.insert(SubjectId::from(*id));
  for (const auto& [log, entries] : logs_)
    for (const auto& [number, standing] : entries) {
      if (!standing.subject || !accounted.insert(*standing.subject).second) continue;
      if (repository_.store().stat({ObjectKind::subject, to_hex(standing.subject->view())}, stop_)) continue;
      find(AuditFault::subject, "subjects/" + to_hex(standing.subject->view()),
           trf("the key of a subject is gone, and no entry says that it was anonymised: who did '{}' ({}) is not known "
               "any more",
               operation_at(log, number), object_name(log, number)));
    }
}

void Verification::check_snapshots() {
  for (const CataloguedSnapshot& each : catalogue_->snapshots()) {
    if (!each.snapshot.audit) continue;
    const AuditReference& reference = *each.snapshot.audit;
    const auto log = logs_.find(reference.log);
    const bool listed = log != logs_.end() && log->second.contains(reference.number);
    if (listed && log->second.at(reference.number).hashes.contains(reference.hash)) continue;
    const std::string entry = object_name(reference.log, reference.number);
    find(AuditFault::reference, "snapshots/" + to_hex(each.id.view()),
         listed ? trf("the entry of the backup that made it, {}, is another than it was", entry)
                : trf("the entry of the backup that made it, {}, is gone", entry));
  }
}

void Verification::count_unfinished() {
  for (const auto& [log, entries] : logs_) {
    std::set<std::uint64_t> ended;
    for (const auto& [number, standing] : entries)
      if (standing.facts && standing.facts->intent) ended.insert(*standing.facts->intent);
    for (const auto& [number, standing] : entries)
      if (standing.facts && standing.facts->type == AuditType::intent && !ended.contains(number)) ++result_.unfinished;
  }
}

}  // namespace

AuditVerification verify_audit(const Repository& repository, RunMonitor& monitor, std::stop_token stop) {
  repository.config().require_support(Operation::read);
  return Verification(repository, monitor, std::move(stop)).run();
}

}  // namespace igudar
