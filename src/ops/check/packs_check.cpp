#include "ops/check/packs_check.h"

#include <atomic>
#include <deque>

#include "concurrency/task_scope.h"
#include "ops/check/pack_check.h"
#include "ops/check/read_data_selection.h"
#include "repo/requests.h"

namespace igudar {

namespace {

constexpr std::uint64_t kBatchBytes = 1U << 30;  // of packs whose tables of contents are in memory together
constexpr std::size_t kBatchPacks = 64;

struct PackState {
  PackContents contents;
  bool chosen = false;
  std::atomic<bool> sound{true};
};

}  // namespace

std::uint64_t PacksCheck::ScrubberPool::scrub(const ScrubPiece& piece) {
  std::unique_ptr<PackScrubber> scrubber = take();
  const std::uint64_t bytes = scrubber->scrub(piece, run_.stop);
  idle_.with([&](auto& idle) { idle.push_back(std::move(scrubber)); });
  return bytes;
}

std::unique_ptr<PackScrubber> PacksCheck::ScrubberPool::take() {
  std::unique_ptr<PackScrubber> scrubber;
  idle_.with([&](auto& idle) {
    if (idle.empty()) return;
    scrubber = std::move(idle.back());
    idle.pop_back();
  });
  if (!scrubber) scrubber = std::make_unique<PackScrubber>(run_.repository, run_.findings, lost_);
  return scrubber;
}

PacksCheck::PacksCheck(const CheckRun& run, const BlobIndex& index, const IndexedPacks& indexed, LostFrames& lost)
    : run_(run), index_(index), indexed_(indexed), scrubbers_(run, lost) {
  for (ObjectInfo& object : run.repository.store().list(ObjectKind::pack, run.stop)) {
    if (const std::optional<PackName> name = parse_pack_id(object.name.id)) {
      sizes_[*name] = object.size;
      packs_.push_back(std::move(object));
    } else {
      run.findings.remark(object.name.to_string(), tr("it is not part of a repository, and ignored"));
    }
  }
  run.summary.packs = packs_.size();
}

void PacksCheck::choose(PackLedger& ledger) {
  if (run_.options.read_data.kind == ReadDataSelection::Kind::none) {
    run_.monitor.phase(tr("Checking snapshots and packs"));
    run_.monitor.totals(packs_.size(), 0);
    return;
  }
  std::set<PackName> listed;
  for (const auto& [name, size] : sizes_) listed.insert(name);
  ledger.retain(listed);
  chosen_ = select_packs(run_.options.read_data, sizes_, ledger.last_read());
  std::uint64_t bytes = 0;
  for (const PackName& name : chosen_) bytes += sizes_[name];
  run_.monitor.phase(tr("Reading all data"));
  run_.monitor.totals(packs_.size(), bytes);
  if (!run_.repository.keys().can_read())
    run_.findings.remark("packs",
                         tr("this key slot does not allow to decrypt content: data was verified by its hashes only"));
}

void PacksCheck::check() {
  const unsigned threads = run_.options.threads != 0 ? run_.options.threads : reader_threads(run_.repository.store());
  for (std::size_t begin = 0; begin < packs_.size();) {
    std::size_t end = begin;
    for (std::uint64_t bytes = 0; end < packs_.size() && bytes < kBatchBytes && end - begin < kBatchPacks; ++end)
      bytes += packs_[end].size;
    check_batch(std::span(packs_).subspan(begin, end - begin), threads);
    begin = end;
  }
}

void PacksCheck::note_read(PackLedger& ledger) const {
  if (!sound_.empty()) ledger.note_read(sound_, wall_clock_ns());
}

void PacksCheck::check_batch(std::span<const ObjectInfo> packs, unsigned threads) {
  std::deque<PackState> states(packs.size());
  parallel_for(packs.size(), threads, run_.stop, [&](std::size_t i) {
    states[i].contents = check_pack(run_.repository, index_, indexed_, packs[i], run_.findings, run_.stop);
    states[i].chosen = chosen_.contains(states[i].contents.pack.name);
    states[i].sound = states[i].contents.sound;
    if (!states[i].chosen) run_.monitor.advance(1, 0);
  });
  run_.throw_if_stopped();
  std::vector<ScrubPiece> pieces;
  for (PackState& state : states) {
    if (!indexed_.contains(state.contents.pack.name)) ++unindexed_;
    if (!state.chosen) continue;
    const std::vector<ScrubPiece> own = cut_into_pieces(state.contents, state.sound);
    pieces.insert(pieces.end(), own.begin(), own.end());
  }
  scrub(pieces, threads);
  for (const PackState& state : states) {
    if (!state.chosen) continue;
    run_.monitor.advance(1, 0);
    ++run_.summary.packs_read;
    if (state.sound) sound_.push_back(state.contents.pack.name);
  }
}

void PacksCheck::scrub(const std::vector<ScrubPiece>& pieces, unsigned threads) {
  std::atomic<std::uint64_t> bytes_read{0};
  parallel_for(pieces.size(), threads, run_.stop, [&](std::size_t i) {
    const std::uint64_t bytes = scrubbers_.scrub(pieces[i]);
    bytes_read += bytes;
    run_.monitor.advance(0, bytes);
  });
  run_.throw_if_stopped();
  run_.summary.bytes_read += bytes_read;
}

}  // namespace igudar
