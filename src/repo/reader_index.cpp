#include "repo/reader_index.h"

namespace igudar {

ReaderIndex::ReaderIndex(const Repository& repository, const BlobIndex::OnDamage& on_damage, std::stop_token stop)
    : repository_(repository), state_(read(on_damage, std::move(stop))) {}

// Condemned packs count while they are there: a reader has no use for their absence.
ReaderIndex::State ReaderIndex::read(const BlobIndex::OnDamage& on_damage, std::stop_token stop) const {
  const Generation before = list_generation(repository_, stop);
  return {before, BlobIndex::load(repository_, {}, on_damage, stop)};
}

std::shared_ptr<const BlobIndex> ReaderIndex::current() const {
  return state_.with([](const State& state) { return state.index; });
}

bool ReaderIndex::look_again(const std::shared_ptr<const BlobIndex>& used, std::stop_token stop) {
  return state_.with([&](State& state) {
    if (state.index != used) return true;
    // Packs go in sweeps only, and every sweep has a generation of its own. So many missing chunks in a damaged
    // repository cost a listing of gc/ each, not one of all packs.
    if (state.before.swept && list_generation(repository_, stop) == state.before) return false;
    state = read([](const ObjectName&, const Error&) {}, stop);
    return true;
  });
}

}  // namespace igudar
