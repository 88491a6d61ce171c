#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "format/audit_entry.h"
#include "repo/damaged_object.h"
#include "repo/repository.h"

namespace igudar {

// The people that audit entries are about (docs/format.md section 18.3). What is personal in their entries lies under a
// key of their own; with the key it is gone.

struct Subject {
  std::string name;  // "amina@web1"
  SecretBytes key;
};
struct Subjects {
  std::map<SubjectId, std::optional<Subject>> present;  // nullopt: this key slot cannot open it
  std::vector<DamagedObject> damaged;
};
// All that the repository has; opened with capability full.
Subjects read_subjects(const Repository& repository, std::stop_token stop);
// Durable once it returns. Throws permission unless the capability is full.
void remove_subject(const Repository& repository, const SubjectId& subject, std::stop_token stop);

// The subject that this user of this machine writes under: kept in the state folder.
//
// Thread safety: none; the caller holds the lock of the audit folder.
class OwnSubject {
 public:
  // `folder` is that of the audit log in the state folder.
  OwnSubject(const Repository& repository, const std::filesystem::path& folder);

  // The key to write under. Where the repository has lost the subject that was kept, it is wiped here as well and a new
  // one is made.
  const SubjectKey& key();
  // Stores the subject in the repository, if there is one that is not there yet. Throws what the storage throws.
  void publish(std::stop_token stop);
  // Wipes the subject kept here, if it is one of these.
  void wipe_if_among(const std::vector<SubjectId>& subjects);

 private:
  bool load();
  bool is_gone() const;
  void draw();
  void keep() const;
  void wipe_file() const;

  const Repository& repository_;
  const std::filesystem::path file_;
  const std::string name_;
  SubjectKey key_;
  SessionRef sealed_;
  bool loaded_ = false;
  bool published_ = false;
};

}  // namespace igudar
