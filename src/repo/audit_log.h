#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "format/audit_entry.h"
#include "format/snapshot.h"
#include "repo/repository.h"

namespace igudar {

// The audit log that this machine writes with the key slot in use (docs/format.md section 18): in the repository, and
// byte for byte in the state folder. Each entry is durable here before it goes to the storage; what the storage does
// not take stays here and is stored on the next occasion, before newer ones.
//
// Thread safety: none. Several processes may write at once: they take turns for each entry.
// Errors: none are thrown, so that no backup or restore fails for its log: what does not work is in remarks().
class AuditLog {
 public:
  explicit AuditLog(const Repository& repository);
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // Appends an entry; its slot and time are filled in. `personal` goes under the key of this user's subject; without it
  // the entry names nobody.
  AuditHead append(AuditFacts facts, const std::optional<AuditPersonal>& personal);
  // Wipes the key of this user's subject, if it is one of these: the next entry that names the user draws another.
  void forget_own(const std::vector<SubjectId>& subjects);
  // Whether the storage has all that was appended.
  bool stored() const { return stored_; }
  // What does not work, translated.
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  class Turn;
  struct Storage;
  AuditHead append_in_turn(const Turn& turn, Storage& storage, const AuditFacts& facts,
                           const std::optional<AuditPersonal>& personal);
  void begin_fork(const Turn& turn, const AuditLogId& forked, Storage& storage, const AuditFacts& facts) const;
  Bytes encode(const AuditHead& place, const AuditFacts& facts, const SubjectKey* subject,
               const AuditPersonal& personal) const;
  void note(const Storage& storage);
  void remark(std::string text);

  const Repository& repository_;
  bool stored_ = true;
  std::optional<AuditHead> unkept_;  // the newest entry, where nothing can be kept on this machine
  std::vector<std::string> remarks_;
};

// state folder/audit, made when missing.
std::filesystem::path local_audit_folder(const Repository& repository);

// The logs that this machine wrote to this repository, but for those that others continued.
struct LocalAuditEntry {
  Bytes object;
  bool stored = false;  // the storage had it once
};
std::vector<std::vector<LocalAuditEntry>> local_audit_logs(const Repository& repository);

// The newest entries of all logs as this machine saw them last; sorted.
std::vector<AuditHead> known_audit_heads(const Repository& repository);
void remember_audit_heads(const Repository& repository, const std::vector<AuditHead>& heads);

}  // namespace igudar
