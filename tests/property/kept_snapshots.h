#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "random.h"
#include "tree_state.h"

namespace igudar::testing {

// What a snapshot has to bring back.
struct Kept {
  std::string id;  // none yet while it is only planned
  TreeState tree;
  std::string below;       // where in the snapshot that lies
  bool has_top = true;     // the tree's top folder was backed up itself, and not only what is in it
  bool is_stream = false;  // has type, size and content only
  bool has_digests = false;

  std::string name() const { return id.substr(0, 8); }
};

// The snapshots there should be, in the order in which they were made: ids are random, and the choice of one must not
// be.
class KeptSnapshots {
 public:
  void add(std::string id, Kept kept) {
    kept.id = std::move(id);
    all_.push_back(std::move(kept));
  }
  void remove(const std::string& id) {
    std::erase_if(all_, [&](const Kept& each) { return each.id == id; });
  }
  bool empty() const { return all_.empty(); }
  const std::vector<Kept>& all() const { return all_; }
  std::set<std::string> ids() const {
    std::set<std::string> ids;
    for (const Kept& each : all_) ids.insert(each.id);
    return ids;
  }
  const Kept& any(Random& random) const { return all_[static_cast<std::size_t>(random.below(all_.size()))]; }

 private:
  std::vector<Kept> all_;
};

}  // namespace igudar::testing
