#include "repo/retention_time.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace igudar {

namespace {

constexpr TimeNs kTolerance = kNsPerDay;
constexpr TimeNs kNever = std::numeric_limits<TimeNs>::min();

// By more than the tolerance; also for times so far apart that their difference overflows.
bool much_older(TimeNs time, TimeNs than) {
  return than >= kNever + kTolerance && time < than - kTolerance;
}

// Walks the graph of records from the oldest up: what a record has below it is settled before the record itself.
class Reckoning {
 public:
  explicit Reckoning(const SnapshotCatalogue& catalogue) : catalogue_(catalogue) {
    for (const CataloguedTombstone& record : catalogue.tombstones()) {
      for (const ForgottenSnapshot& forgotten : record.tombstone.forgotten)
        nodes_.try_emplace(forgotten.id, Node{kNever, false, forgotten.heads});
      Node node{std::min({record.tombstone.time, record.tombstone.storage_time, record.stored_at}), false,
                record.tombstone.heads};
      for (const ForgottenSnapshot& forgotten : record.tombstone.forgotten) node.below.push_back(forgotten.id);
      nodes_.insert_or_assign(record.id, std::move(node));
    }
    for (const CataloguedSnapshot& record : catalogue.snapshots())
      nodes_.insert_or_assign(
          record.id, Node{std::min({record.snapshot.time, record.snapshot.storage_time, record.stored_at}), true,
                          record.snapshot.heads});
  }

  std::map<SnapshotId, RetentionTime> reckon() {
    TimeNs oldest = std::numeric_limits<TimeNs>::max();
    for (const CataloguedSnapshot& record : catalogue_.snapshots())
      oldest = std::min(oldest, nodes_.at(record.id).time);
    std::map<SnapshotId, RetentionTime> times;
    for (const CataloguedSnapshot& record : catalogue_.snapshots()) {
      settle(record.id);
      const Node& node = nodes_.at(record.id);
      const bool late_stranger = node.below.empty() && oldest < node.time && much_older(node.time, record.stored_at);
      times[record.id] = {node.time, node.backdated || late_stranger};
    }
    return times;
  }

 private:
  struct Node {
    TimeNs time = kNever;
    bool is_snapshot = false;
    std::vector<Id32> below;
    bool entered = false;
    bool backdated = false;
    TimeNs newest = kNever;  // of it and all below, less the backdated ones
  };

  Node* find(const Id32& id) {
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? nullptr : &found->second;
  }

  void settle(const Id32& id) {
    std::vector<std::pair<Id32, bool>> todo{{id, false}};
    while (!todo.empty()) {
      const auto [next, below_is_settled] = todo.back();
      todo.pop_back();
      Node* node = find(next);
      if (node == nullptr) continue;
      if (below_is_settled) {
        conclude(*node);
      } else if (!node->entered) {
        node->entered = true;
        todo.emplace_back(next, true);
        for (const Id32& below : node->below) todo.emplace_back(below, false);
      }
    }
  }

  void conclude(Node& node) {
    for (const Id32& id : node.below)
      if (const Node* below = find(id)) node.newest = std::max(node.newest, below->newest);
    node.backdated = node.is_snapshot && much_older(node.time, node.newest);
    if (!node.backdated) node.newest = std::max(node.newest, node.time);
  }

  const SnapshotCatalogue& catalogue_;
  std::unordered_map<Id32, Node> nodes_;
};

}  // namespace

std::map<SnapshotId, RetentionTime> retention_times(const SnapshotCatalogue& catalogue) {
  return Reckoning(catalogue).reckon();
}

}  // namespace igudar
