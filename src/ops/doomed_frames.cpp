#include "ops/doomed_frames.h"

namespace igudar {

namespace {

// Calls visit(pack, offset) for each of the frames wherever the index has it.
template <typename Visit>
void visit_places(const DoomedFrames& frames, const BlobIndex& index, Visit&& visit) {
  visit_frames(index,
               [&](const SessionRef& session, const FrameInfo& frame, const PackName& pack, std::uint64_t offset) {
                 if (frames.contains(session.id, frame)) visit(pack, offset);
                 return true;
               });
}

bool overlap(const RefBits& a, const RefBits& b) {
  RefBits both = a;
  both.merge(b);
  return both.count() < a.count() + b.count();
}

}  // namespace

bool DoomedFrames::any_named_by(const RefSet& references) const {
  for (const auto& [key, bits] : ordinals_.blocks()) {
    const auto named = references.blocks().find(key);
    if (named != references.blocks().end() && overlap(bits, named->second)) return true;
  }
  return false;
}

void DoomedFrames::hide_in(BlobIndex& index) const {
  if (empty()) return;
  std::set<BlobIndex::FramePlace> places;
  visit_places(*this, index, [&](const PackName& pack, std::uint64_t offset) { places.emplace(pack, offset); });
  index.set_lost(places);
}

std::set<PackName> DoomedFrames::packs(const BlobIndex& index) const {
  std::set<PackName> packs;
  visit_places(*this, index, [&](const PackName& pack, std::uint64_t) { packs.insert(pack); });
  return packs;
}

}  // namespace igudar
