#include "repo/reader_index.h"

namespace igudar {

ReaderIndex::ReaderIndex(const Repository& repository, const BlobIndex::OnDamage& on_damage, std::stop_token stop)
    : repository_(repository), state_(read(on_damage, std::move(stop))) {}

// Condemned packs count while they are there: a reader has no use for their absence.
ReaderIndex::State ReaderIndex::read(const BlobIndex::OnDamage& on_damage, std::stop_token stop) const {
  State state;
  state.before = list_generation(repository_, stop);
  if (!state.before.swept) state.segments = list_segments(stop);
  state.index = BlobIndex::load(repository_, {}, on_damage, stop);
  return state;
}

std::vector<std::string> ReaderIndex::list_segments(std::stop_token stop) const {
  std::vector<std::string> ids;
  for (ObjectInfo& object : repository_.store().list(ObjectKind::index, stop)) ids.push_back(std::move(object.name.id));
  return ids;
}

std::shared_ptr<const BlobIndex> ReaderIndex::current() const {
  return state_.with([](const State& state) { return state.index; });
}

bool ReaderIndex::look_again(const std::shared_ptr<const BlobIndex>& used, Missing what, std::stop_token stop) {
  return state_.with([&](State& state) {
    if (state.index != used) return true;
    if (!may_have_moved(state, what, stop)) return false;
    state = read([](const ObjectName&, const Error&) {}, stop);
    return true;
  });
}

// Packs go in sweeps only, and every sweep has a generation of its own. What a generation moves is in the index before
// there is a record of it; later only what its sweep rescues, which comes with a segment.
bool ReaderIndex::may_have_moved(const State& state, Missing what, std::stop_token stop) const {
  if (list_generation(repository_, stop) != state.before) return true;
  return !state.before.swept && (what == Missing::pack || list_segments(stop) != state.segments);
}

}  // namespace igudar
