#include "ops/restore/hard_links.h"

namespace igudar {

bool HardLinks::put_off(const std::string& path, const Metadata& meta) {
  if (meta.links <= 1) return false;
  const auto [first, inserted] = first_names_.try_emplace({meta.device, meta.inode}, path);
  if (!inserted) further_names_.push_back({first->second, path});
  return !inserted;
}

void HardLinks::make() const {
  for (const FurtherName& name : further_names_) {
    try {
      job_.target.tree->hard_link(name.existing, name.path, job_.target.in_the_way);
    } catch (const Error& error) {
      job_.report.problem(name.path, error);
    }
  }
}

}  // namespace igudar
