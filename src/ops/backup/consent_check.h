#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "ops/backup/backup.h"
#include "ops/backup/backup_source.h"

namespace igudar {

// The personal data that a backup holds, as its options and the tagged sources say, and the consents that cover them.
//
// Thread safety: const once made.
struct BackedUpPersonalData {
  std::vector<std::string> categories;  // sorted; empty: none that is known
  std::vector<Id32> consents;           // that cover them, each once

  // What the snapshot is to say of it (docs/format.md section 11); nothing where there is none.
  std::map<std::string, std::string> annotations() const;
};

// Throws rule_broken when a category is not covered by a consent that is valid now, by the storage's clock: then
// nothing may be stored. Throws usage for a category that is none.
BackedUpPersonalData require_consents(const Repository& repository, const BackupOptions& options,
                                      const BackupSource& source, RunMonitor& monitor, std::stop_token stop);

}  // namespace igudar
