#include "ops/check/check.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>

#include "base/hex.h"
#include "base/translate.h"
#include "concurrency/task_scope.h"
#include "ops/check/index_check.h"
#include "ops/check/lost_frames.h"
#include "ops/check/missing_packs.h"
#include "ops/check/pack_check.h"
#include "ops/check/pack_scrub.h"
#include "ops/check/read_data_selection.h"
#include "ops/check/record_check.h"
#include "ops/check/tree_check.h"

namespace igudar {

namespace {

constexpr int kMostAttempts = 3;
constexpr std::uint64_t kBatchBytes = 1U << 30;  // of packs whose tables of contents are in memory together
constexpr std::size_t kBatchPacks = 64;

// What a prune changes, to see whether one was at work.
std::vector<ObjectName> list_what_prunes_change(const Repository& repository, const std::stop_token& stop) {
  std::vector<ObjectName> names;
  for (const ObjectKind kind : {ObjectKind::gc, ObjectKind::snapshot, ObjectKind::index, ObjectKind::pack})
    for (ObjectInfo& object : repository.store().list(kind, stop)) names.push_back(std::move(object.name));
  return names;
}

// The scrubbers of all threads, each used by one of them at a time.
class ScrubberPool {
 public:
  ScrubberPool(const Repository& repository, Findings& findings, LostFrames& lost)
      : repository_(repository), findings_(findings), lost_(lost) {}

  std::uint64_t scrub(const ScrubPiece& piece, const std::stop_token& stop) {
    std::unique_ptr<PackScrubber> scrubber = take();
    const std::uint64_t bytes = scrubber->scrub(piece, stop);
    idle_.with([&](auto& idle) { idle.push_back(std::move(scrubber)); });
    return bytes;
  }

 private:
  std::unique_ptr<PackScrubber> take() {
    std::unique_ptr<PackScrubber> scrubber;
    idle_.with([&](auto& idle) {
      if (idle.empty()) return;
      scrubber = std::move(idle.back());
      idle.pop_back();
    });
    if (!scrubber) scrubber = std::make_unique<PackScrubber>(repository_, findings_, lost_);
    return scrubber;
  }

  const Repository& repository_;
  Findings& findings_;
  LostFrames& lost_;
  Guarded<std::vector<std::unique_ptr<PackScrubber>>> idle_;
};

// One look at the whole repository. The steps of run() are the steps of the operation.
class Examination {
 public:
  Examination(const Repository& repository, const CheckOptions& options, RunMonitor& monitor, LocalState& local,
              CheckSummary& summary, Findings& findings, const std::stop_token& stop)
      : repository_(repository),
        options_(options),
        monitor_(monitor),
        local_(local),
        summary_(summary),
        findings_(findings),
        stop_(stop),
        threads_(options.threads != 0 ? options.threads : available_processors()) {}

  void run() {
    check_records();
    load_index();
    check_contents();
    report_consequences();
    if (!findings_.any_damage()) local_.remember_heads(*catalogue_);
  }

 private:
  bool reads_metadata() const { return repository_.keys().has_metadata_key(); }

  void check_records() {
    monitor_.phase(tr("Checking the records"));
    check_config_and_slots(repository_, findings_, stop_);
    check_leases(repository_, findings_, stop_);
    gc_ = check_generations(repository_, findings_, stop_);
    catalogue_ = check_catalogue(repository_, gc_, findings_, stop_);
    check_known_heads(local_, *catalogue_, findings_);
    summary_.snapshots = catalogue_->snapshots().size();
  }

  // After the snapshots, and the packs after the index: so nothing that they need can be missing but by a prune (W2).
  void load_index() {
    monitor_.phase(tr("Checking the index"));
    indexed_ = check_index(repository_, gc_, findings_, stop_);
    const auto told_already = [](const ObjectName&, const Error&) {};
    index_ = BlobIndex::load(repository_, {}, told_already, stop_);
    summary_.chunks = index_->chunk_count();
    for (ObjectInfo& object : repository_.store().list(ObjectKind::pack, stop_)) {
      if (const std::optional<PackName> name = parse_pack_id(object.name.id)) {
        sizes_[*name] = object.size;
        packs_.push_back(std::move(object));
      } else {
        findings_.remark(object.name.to_string(), tr("it is not part of a repository, and ignored"));
      }
    }
    summary_.packs = packs_.size();
  }

  // Trees and packs at the same time: both are needed, and neither keeps all processors busy to its end.
  void check_contents() {
    choose_packs();
    TaskScope scope(stop_);
    trees_.emplace(repository_, *index_, findings_);
    scope.spawn("check trees", [this](std::stop_token stop) { check_trees(stop); });
    check_packs();
    scope.join();
    throw_if_stopped();
    const std::vector<PackName> read = sound_.with([](const auto& packs) { return packs; });
    if (!read.empty()) local_.pack_ledger().note_read(read, wall_clock_ns());
  }

  void choose_packs() {
    if (options_.read_data.kind == ReadDataSelection::Kind::none) {
      monitor_.phase(tr("Checking snapshots and packs"));
      monitor_.totals(packs_.size(), 0);
      return;
    }
    std::set<PackName> listed;
    for (const auto& [name, size] : sizes_) listed.insert(name);
    local_.pack_ledger().retain(listed);
    chosen_ = select_packs(options_.read_data, sizes_, local_.pack_ledger().last_read());
    std::uint64_t bytes = 0;
    for (const PackName& name : chosen_) bytes += sizes_[name];
    monitor_.phase(tr("Reading all data"));
    monitor_.totals(packs_.size(), bytes);
    if (!repository_.keys().can_read_content())
      findings_.remark("packs",
                       tr("this key slot does not allow to decrypt content: data was verified by its hashes only"));
  }

  void check_trees(const std::stop_token& stop) {
    for (const CataloguedSnapshot& snapshot : catalogue_->snapshots()) {
      if (stop.stop_requested()) return;
      try {
        trees_->check(snapshot, stop);
      } catch (const Error& error) {
        if (!is_about_object(error)) throw;
        findings_.absence(Topic::page, "snapshots/" + to_hex(snapshot.id.view()), error.what());
        findings_.affect(snapshot.id);
      }
    }
  }

  void check_packs() {
    for (std::size_t begin = 0; begin < packs_.size();) {
      std::size_t end = begin;
      for (std::uint64_t bytes = 0; end < packs_.size() && bytes < kBatchBytes && end - begin < kBatchPacks; ++end)
        bytes += packs_[end].size;
      check_batch(std::span(packs_).subspan(begin, end - begin));
      begin = end;
    }
  }

  struct PackState {
    PackContents contents;
    bool chosen = false;
    std::atomic<bool> sound{true};
  };

  void check_batch(std::span<const ObjectInfo> packs) {
    std::deque<PackState> states(packs.size());
    parallel_for(packs.size(), threads_, stop_, [&](std::size_t i) {
      states[i].contents = check_pack(repository_, *index_, indexed_, packs[i], findings_, stop_);
      states[i].chosen = chosen_.contains(states[i].contents.pack.name);
      states[i].sound = states[i].contents.sound;
      if (!states[i].chosen) monitor_.advance(1, 0);
    });
    throw_if_stopped();
    std::vector<ScrubPiece> pieces;
    for (PackState& state : states) {
      if (!indexed_.contains(state.contents.pack.name)) ++unindexed_packs_;
      if (!state.chosen) continue;
      const std::vector<ScrubPiece> own = cut_into_pieces(state.contents, state.sound);
      pieces.insert(pieces.end(), own.begin(), own.end());
    }
    scrub(pieces);
    for (const PackState& state : states) {
      if (!state.chosen) continue;
      monitor_.advance(1, 0);
      ++summary_.packs_read;
      if (state.sound) sound_.with([&](auto& sound) { sound.push_back(state.contents.pack.name); });
    }
  }

  void scrub(const std::vector<ScrubPiece>& pieces) {
    std::atomic<std::uint64_t> bytes_read{0};
    parallel_for(pieces.size(), threads_, stop_, [&](std::size_t i) {
      const std::uint64_t bytes = scrubbers_.scrub(pieces[i], stop_);
      bytes_read += bytes;
      monitor_.advance(0, bytes);
    });
    throw_if_stopped();
    summary_.bytes_read += bytes_read;
  }

  // What the damage found so far means for snapshots and files.
  void report_consequences() {
    if (!reads_metadata())
      findings_.remark("snapshots",
                       tr("this key slot does not allow to read the trees of snapshots: they were not checked"));
    report_missing_packs(*index_, trees_->references(), findings_);
    if (!lost_.empty() && reads_metadata())
      report_lost_frames(repository_, *index_, *catalogue_, lost_, findings_, stop_);
    if (unindexed_packs_ > 0 && findings_.any_absence())
      findings_.damage(Topic::index, "index",
                       trf("{} packs are in no index segment while something is missing: a segment was lost. Put it "
                           "back from a copy of the "
                           "repository; if there is none, back up the same folders again.",
                           unindexed_packs_));
  }

  void throw_if_stopped() const {
    if (stop_.stop_requested()) throw Error(ErrorCode::interrupted, tr("the check was stopped"));
  }

  const Repository& repository_;
  const CheckOptions& options_;
  RunMonitor& monitor_;
  LocalState& local_;
  CheckSummary& summary_;
  Findings& findings_;
  const std::stop_token stop_;
  const unsigned threads_;

  GcState gc_;
  std::optional<SnapshotCatalogue> catalogue_;
  IndexedPacks indexed_;
  std::unique_ptr<BlobIndex> index_;
  std::vector<ObjectInfo> packs_;
  std::map<PackName, std::uint64_t> sizes_;
  std::set<PackName> chosen_;
  std::optional<TreeCheck> trees_;
  LostFrames lost_;
  ScrubberPool scrubbers_{repository_, findings_, lost_};
  std::uint64_t unindexed_packs_ = 0;
  Guarded<std::vector<PackName>> sound_;
};

}  // namespace

CheckSummary check(Repository& repository, const CheckOptions& options, RunMonitor& monitor, std::stop_token stop) {
  repository.config().require_support(Operation::check);
  const std::chrono::nanoseconds started = steady_clock();
  CheckSummary summary;
  LocalState local(repository);
  for (int attempt = 1;; ++attempt) {
    summary = {};
    Findings findings;
    const std::vector<ObjectName> before = list_what_prunes_change(repository, stop);
    Examination(repository, options, monitor, local, summary, findings, stop).run();
    // R2: what a prune took away meanwhile is not damage.
    if (findings.any_absence() && attempt < kMostAttempts && list_what_prunes_change(repository, stop) != before)
      continue;
    for (const std::string& text : local.remarks()) findings.remark(tr("this machine"), text);
    findings.report(summary);
    break;
  }
  summary.seconds = std::chrono::duration<double>(steady_clock() - started).count();
  return summary;
}

}  // namespace igudar
