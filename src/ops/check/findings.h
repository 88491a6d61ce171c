#pragma once

#include <array>
#include <set>
#include <utility>

#include "base/error.h"
#include "concurrency/guarded.h"
#include "format/snapshot.h"
#include "ops/check/check.h"
#include "store/object_store.h"

namespace igudar {

// What a finding is about. Of each topic the first few are told, the rest are counted.
enum class Topic { record, index, pack, frame, page, chunk, references, file };
constexpr std::size_t kTopics = 8;

// Gathers what a check finds, in an order that does not depend on the timing of threads.
//
// Thread safety: all methods may be called concurrently. Memory: bounded, whatever the damage.
class Findings {
 public:
  void damage(Topic topic, std::string object, std::string text);
  // Damage that a prune which runs meanwhile would explain as well: something is not there (R2).
  void absence(Topic topic, std::string object, std::string text);
  void remark(std::string object, std::string text);
  void affect(const SnapshotId& snapshot);

  bool any_damage() const;
  bool any_absence() const;
  // Moves all into `summary`.
  void report(CheckSummary& summary);

 private:
  static constexpr std::size_t kMostTold = 20;  // of each topic
  using Texts = std::set<std::pair<std::string, std::string>>;
  struct Told {
    Texts texts;
    std::uint64_t count = 0;
    void add(std::string object, std::string text);
    std::vector<Finding> list() const;
  };
  struct State {
    std::array<Told, kTopics> damage;
    Told remarks;
    std::set<SnapshotId> affected;
    bool absence = false;
  };
  Guarded<State> state_;
};

// Whether an error says something of the object that was read, rather than of the program or its user.
bool is_about_object(const Error& error);

}  // namespace igudar
