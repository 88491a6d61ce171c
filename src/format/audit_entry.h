#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "format/chunk.h"
#include "format/signed_record.h"

namespace igudar {

// Entries of the audit log and the keys of the people in it (docs/format.md section 18). What an entry says is sealed;
// its chain and its signature are not, so that anyone can verify a log with the authority's public key.

using AuditLogId = Id16;
using SubjectId = Id16;

// Where an entry stands, and what it is: the SHA-256 of its bytes.
struct AuditHead {
  AuditLogId log;
  std::uint64_t number = 0;
  Id32 hash;
  auto operator<=>(const AuditHead&) const = default;
};

enum class AuditType : std::uint8_t {
  intent = 1,           // an operation begins
  outcome = 2,          // it ended
  failed_openings = 3,  // somebody could not open the repository, before
  anonymised = 4,       // keys of subjects are removed
  fork = 5              // this log takes the place of another, which others continued
};
enum class AuditRelation : std::uint8_t { made = 1, read = 2, removed = 3 };
struct AuditObject {
  AuditRelation relation = AuditRelation::made;
  std::string name;  // "snapshots/1f3a…"
  bool operator==(const AuditObject&) const = default;
};

// What every key slot reads.
struct AuditFacts {
  AuditType type = AuditType::intent;
  TimeNs time = 0;
  std::string operation;  // "key add"
  Id16 slot;
  std::optional<std::uint64_t> intent;  // of an outcome: the number of the entry that announced it
  std::optional<std::uint32_t> status;  // of an outcome: the exit status
  std::string error;                    // of an outcome: the code of the error that ended it, or empty
  std::map<std::string, std::uint64_t> counts;
  std::vector<AuditObject> objects;
  std::vector<AuditHead> heads;      // a checkpoint: the newest entries of all logs
  std::vector<SubjectId> subjects;   // of `anonymised`: whose keys
  std::optional<AuditLogId> forked;  // of `fork`: the log that others continued
  bool operator==(const AuditFacts&) const = default;
};

struct FailedOpening {
  TimeNs time = 0;
  std::string means;  // "password"
  std::string error;  // "wrong_key"
  std::string user;
  bool operator==(const FailedOpening&) const = default;
};
// What only a slot with capability full reads, and nobody once the subject's key is gone.
struct AuditPersonal {
  std::string user;
  std::uint32_t uid = 0;
  std::string host;
  std::vector<std::string> arguments;  // raw bytes
  std::vector<FailedOpening> failures;
  bool operator==(const AuditPersonal&) const = default;
};

// A subject as its writer knows it: under `key` lies what is personal in its entries.
struct SubjectKey {
  SubjectId id;
  SecretBytes key;
};

// An entry taken apart, nothing of it opened or verified. The parts are views into the object.
struct AuditEntry {
  std::uint16_t epoch = 0;  // of the keys that the facts are sealed under
  AuditLogId log;
  std::uint64_t number = 0;
  Id32 previous;   // hash of the entry before; zeros for number 0
  ByteView clear;  // what both seals are bound to
  ByteView sealed_facts;
  std::optional<SubjectId> subject;
  ByteView sealed_personal;  // empty where there is no subject
  Id32 signer;
  Capability capability = Capability::full;
};

// "LOG.N", and "LOG.FIRST-LAST" of merged entries.
std::string audit_object_id(const AuditLogId& log, std::uint64_t number);
std::string audit_object_id(const AuditLogId& log, std::uint64_t first, std::uint64_t last);
struct AuditObjectName {
  AuditLogId log;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool merged = false;
};
// nullopt for a name of another form.
std::optional<AuditObjectName> parse_audit_object_id(std::string_view id);

// `place.hash` is that of the entry before (zeros for number 0). Without a subject nothing personal is kept.
Bytes encode_audit_entry(const RecordContext& context, const IndexKeys& keys, const Signer& signer,
                         const AuditHead& place, const AuditFacts& facts, const SubjectKey* subject,
                         const AuditPersonal& personal);
// Throws damaged, truncated or unsupported.
AuditEntry decode_audit_entry(ByteView object);
// Whether the entry is signed by one whom the authority certified.
[[nodiscard]] bool is_genuine_audit_entry(ByteView object, const Id16& domain, const Id32& authority);
// Throw damaged when they do not open.
AuditFacts open_audit_facts(const AuditEntry& entry, const IndexKeys& keys);
AuditPersonal open_audit_personal(const AuditEntry& entry, ByteView subject_key);

// The fields inside the seals. Throw damaged.
AuditFacts decode_audit_facts(ByteView record);
AuditPersonal decode_audit_personal(ByteView record);

// Entries of consecutive numbers, merged: their bytes one after the other.
Bytes encode_merged_entries(const std::vector<Bytes>& entries);
std::vector<Bytes> decode_merged_entries(ByteView object);

// subjects/SUBJECT: the key, sealed to the domain as a session's secret is, and whose it is.
Bytes encode_subject(const RecordContext& context, const Signer& signer, const SessionRef& sealed, ByteView key,
                     std::string_view name);
struct SealedSubject {
  SessionRef sealed;
  Bytes clear;
  Bytes sealed_name;
};
// Throws damaged, or forged when it is not signed by one whom the authority certified.
SealedSubject decode_subject(const RecordContext& context, const Id32& authority, const SubjectId& subject,
                             ByteView object);
// "amina@web1". Throws damaged.
std::string open_subject_name(const SealedSubject& subject, ByteView key);

}  // namespace igudar
