#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "cli/console.h"
#include "format/audit_entry.h"
#include "format/snapshot.h"
#include "repo/audit_log.h"
#include "repo/repository.h"

namespace igudar {

// What a command leaves in the audit log: its intent when the repository is opened, its outcome when the command is
// over, however it ends. No command can forget it: it has its repository from here.
//
// Thread safety: none. Errors: none; what does not work is a warning.
class CommandAudit {
 public:
  CommandAudit(const Arguments& arguments, Console& console) : arguments_(arguments), console_(console) {}

  // Keeps the repository and announces the command, durably on this machine at least.
  Repository& begin(Repository repository);
  // The same for a copy of it, which has logs of its own.
  Repository& begin_in_copy(Repository copy);
  // The entry that did so in the repository.
  AuditReference intent() const;
  AuditLog& log() { return logged_.front().log; }

  // What the outcome will say.
  void made(ObjectKind kind, const std::string& id) { touched(AuditRelation::made, kind, id); }
  void read(ObjectKind kind, const std::string& id) { touched(AuditRelation::read, kind, id); }
  void removed(ObjectKind kind, const std::string& id) { touched(AuditRelation::removed, kind, id); }
  void count(const std::string& name, std::uint64_t value) { facts_.counts[name] += value; }
  // The outcome names nobody.
  void leave_person_out() { unnamed_ = true; }

  // The outcome; nothing if no repository was opened.
  void end(int status, std::string_view error) noexcept;

 private:
  // A repository that the command works on, and the log there.
  struct Logged {
    explicit Logged(Repository opened) : repository(std::move(opened)), log(repository) {}

    Repository repository;
    AuditLog log;
    AuditHead intent;
  };
  void announce(Logged& logged) const;
  void touched(AuditRelation relation, ObjectKind kind, const std::string& id);
  AuditPersonal personal(bool with_arguments) const;
  void note_failed_openings();
  void make_checkpoint();
  void warn() const;

  const Arguments& arguments_;
  Console& console_;
  std::list<Logged> logged_;  // the repository first; none before it is opened, or after the end
  std::string operation_;
  AuditFacts facts_;  // of the outcome
  bool unnamed_ = false;
};

}  // namespace igudar
