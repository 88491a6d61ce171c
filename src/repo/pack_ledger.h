#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "format/chunk.h"

namespace igudar {

// When this machine last read each pack whole and found it sound: an SQLite file. Losing it costs nothing but reading
// some packs earlier than needed.
//
// Thread safety: none; several processes may use one file.
// Errors: none are thrown; a ledger that cannot be used is empty and forgets, after saying so once. A damaged file is
// discarded.
class PackLedger {
 public:
  // `remark` is told, translated, what does not work.
  PackLedger(std::filesystem::path file, std::function<void(std::string)> remark);
  ~PackLedger();
  PackLedger(const PackLedger&) = delete;
  PackLedger& operator=(const PackLedger&) = delete;

  std::map<PackName, TimeNs> last_read();
  void note_read(const std::vector<PackName>& packs, TimeNs time);
  // Drops packs that no longer exist.
  void retain(const std::set<PackName>& present);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace igudar
