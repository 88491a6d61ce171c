#pragma once

#include <iosfwd>

#include "history_testing.h"
#include "kept_snapshots.h"
#include "ops/restore/restore.h"
#include "site.h"

namespace igudar::testing {

// Looks whether a repository is what it should be; what is not is thrown as Wrong. Not thread-safe.
class Verifier {
 public:
  // `scratch` is for what is restored. `log` is told what was looked at where that is no matter of course.
  Verifier(Site& site, const std::filesystem::path& scratch, Random& random, std::ostream& log);

  // Some of what follows, at random, and always the first two.
  void verify_some(const KeptSnapshots& kept);

  // There are these snapshots and no others.
  void verify_catalogue(const KeptSnapshots& kept);
  // A check that reads all data finds nothing.
  void verify_soundness();
  // The list of entries, and the digests that it has.
  void verify_entries(const Kept& kept);
  // A snapshot restored to a new folder is what was backed up.
  void verify_restore(const Kept& kept);
  // A snapshot, or a part of it, restored over what another one left there, changed since.
  void verify_restore_over(const Kept& kept, const Kept& older);

 private:
  RestoreOptions restore_options(const Kept& kept, const std::string& below);
  std::string random_folder(const Kept& kept);
  void change_restored();

  Site& site_;
  const std::filesystem::path restored_;
  Random& random_;
  std::ostream& log_;
};

// The ids of the snapshots that the client sees.
std::set<std::string> snapshots_seen_by(Repository& repository);

}  // namespace igudar::testing
