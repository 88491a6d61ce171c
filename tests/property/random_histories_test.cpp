// Random histories of a source and a repository, against a model: for each snapshot, the tree that was there when it
// was made. Whatever else happens (changes, forgets, prunes, other clients, crashes, lost caches), after each step the
// repository is sound, and its snapshots restore exactly to those trees.
//
// Parameters are small, so that a few hundred KiB make many packs, frames, index segments and pages. SEED=n runs the
// histories from n on, ROUNDS=n so many of them. The operations of a seed are always the same, as far as they do not
// hang on the timing of threads; ids and keys differ. A history that fails is told step by step.

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "concurrency/task_scope.h"
#include "random_backup.h"
#include "random_source.h"
#include "verifier.h"

namespace igudar::testing {

namespace {

constexpr std::uint64_t kFirstSeed = 1;
constexpr std::uint64_t kRounds = 15;
constexpr int kMostPrunes = 5;

struct Sizes {
  InitOptions repository;
  RandomSource::Limits source;
};

Sizes draw_sizes(Random& random, CipherSuite suite) {
  constexpr std::uint32_t kFewChunks = 1024;  // larger ones are so few that large files go
  Sizes sizes;
  InitOptions& options = sizes.repository;
  options.kdf = RepositoryFixture::kCheapKdf;
  options.chunk_sizes =
      random.of(std::vector<ChunkSizes>{{64, 128, 256}, {64, 256, 4096}, {512, 1024, 8192}, {4096, 16384, 65536}});
  options.frame_size = random.of(std::vector<std::uint32_t>{2000, 10'000, 65'536, 1U << 20});
  options.pack_size = random.of(std::vector<std::uint32_t>{20'000, 100'000, 400'000, 4U << 20});
  options.suite = suite;
  if (options.chunk_sizes.average < kFewChunks) return sizes;
  sizes.source.large_files = random.chance(30);
  sizes.source.bytes = 30U << 20;
  return sizes;
}

// Those by whom a snapshot may be left that they cannot take back.
bool may_report(const Repository& by) {
  return by.keys().capability() == Capability::write;
}

class History {
 public:
  explicit History(std::uint64_t seed)
      : random_(seed), sizes_(draw_sizes(random_, kCipherSuites[seed % kCipherSuites.size()])) {
    std::filesystem::create_directories(folder_);
    const InitOptions& options = sizes_.repository;
    log_ << "chunks of about " << options.chunk_sizes.average << ", frames " << options.frame_size << ", packs "
         << options.pack_size << ", " << cipher_suite_name(options.suite);
  }

  void run() {
    const WorkingFolder here(folder_);
    const std::uint64_t steps = 8 + random_.below(10);
    for (std::uint64_t i = 0; i < steps; ++i) {
      site_.pass_time(kNsPerSecond * static_cast<TimeNs>(1 + random_.below(100)));
      step();
      verifier_.verify_some(kept_);
    }
    finish();
  }

  std::string log() const { return log_.str(); }

 private:
  void step() {
    struct Choice {
      unsigned weight;
      void (History::*make)();
    };
    static const std::vector<Choice> choices = {
        {40, &History::back_up_changes}, {14, &History::forget_some}, {16, &History::prune_some},
        {6, &History::back_up_fails},    {5, &History::prune_fails},  {3, &History::forget_fails},
        {12, &History::others_cut_in},   {5, &History::all_at_once},  {4, &History::begin_or_end_long_run},
        {4, &History::wait_long},        {4, &History::lose_a_cache}, {3, &History::dry_runs}};
    (this->*random_.weighed(choices).make)();
  }

  std::ostream& say() { return log_ << "\n" << ++steps_said_ << ". "; }

  // --- backups

  RandomBackup change_and_draw() {
    const std::uint64_t changes = random_.chance(15) ? 0 : 1 + random_.below(kept_.empty() ? 40 : 8);
    for (std::uint64_t i = 0; i < changes; ++i) log_ << "\n     " << source_.change();
    if (random_.chance(85)) SourceFixture::let_source_age();
    return backups_.draw(kept_);
  }

  // On a store that fails a backup may be done, and its lease be left.
  enum class Tolerance { none, faulty_store };
  static std::string back_up_to(Repository& in, const RandomBackup& backup, Tolerance tolerance = Tolerance::none) {
    Problems problems;
    BackupOptions options = backup.options;
    if (!in.keys().can_read()) options.parent.clear();  // who only writes compares with what it kept itself
    const BackupSummary summary = back_up(in, options, problems, {});
    require(problems.texts().empty() || may_report(in) || tolerance == Tolerance::faulty_store,
            "a backup reported:\n" + problems.texts());
    require(summary.unreadable == 0, "a backup could not read something");
    return summary.snapshot_id;
  }

  void keep(const std::string& id, const Kept& kept) {
    log_ << "\n     -> " << id.substr(0, 8);
    kept_.add(id, kept);
  }

  // A snapshot that a backup left which then failed, or could not take back, is whole as well.
  void adopt_unknown(const Kept& kept) {
    const std::set<std::string> known = kept_.ids();
    for (const std::string& id : snapshots_seen_by(site_.repository(site_.owner())))
      if (!known.contains(id)) keep(id, kept);
  }

  void back_up_changes() {
    Client& client = site_.writer();
    say() << "a backup by " << client.name;
    const RandomBackup backup = change_and_draw();
    keep(back_up_to(site_.repository(client), backup), backup.kept);
  }

  void back_up_fails() {
    Client& client = site_.writer();
    say() << "a backup by " << client.name << " that may fail";
    const RandomBackup backup = change_and_draw();
    std::string id;
    if (with_fault(client, [&](Repository& in) { id = back_up_to(in, backup, Tolerance::faulty_store); }))
      return keep(id, backup.kept);
    adopt_unknown(backup.kept);
  }

  // --- forgets and prunes

  std::vector<std::string> draw_ids_to_forget() {
    std::vector<std::string> ids;
    for (const Kept& each : kept_.all())
      if (random_.chance(40)) ids.push_back(each.id);
    if (!ids.empty() && ids.size() == kept_.all().size()) ids.pop_back();
    return ids;
  }

  static void forget_in(Repository& in, const std::vector<std::string>& ids) {
    if (ids.empty()) return;
    ForgetOptions options;
    options.snapshots = ids;
    RunMonitor silent;
    forget(in, options, silent, {});
  }

  void forgotten(const std::string& id) {
    log_ << "\n     forgets " << id.substr(0, 8);
    kept_.remove(id);
  }

  void forget_ids(Repository& in, const std::vector<std::string>& ids) {
    forget_in(in, ids);
    for (const std::string& id : ids) forgotten(id);
  }

  void forget_some() {
    Client& client = site_.keeper();
    say() << client.name << " forgets";
    if (kept_.empty()) return;
    if (random_.chance(60)) return forget_ids(site_.repository(client), draw_ids_to_forget());
    ForgetOptions options;
    options.policy.last = static_cast<int>(random_.below(3));
    options.policy.daily = 1;
    options.group_by_host = random_.chance(80);
    options.group_by_paths = random_.chance(50);
    options.dry_run = random_.chance(10);
    RunMonitor silent;
    const std::set<std::string> known = kept_.ids();
    for (const ForgetGroup& group : forget(site_.repository(client), options, silent, {}).groups)
      for (const ForgetDecision& decision : group.decisions) {
        require(known.contains(decision.snapshot_id), "a policy is about a snapshot that is not there");
        if (!decision.keep && !options.dry_run) forgotten(decision.snapshot_id);
      }
  }

  void forget_fails() {
    say() << "a forget that may fail";
    const std::vector<std::string> ids = draw_ids_to_forget();
    with_fault(site_.keeper(), [&](Repository& in) { forget_in(in, ids); });
    const std::set<std::string> present = snapshots_seen_by(site_.repository(site_.owner()));
    for (const std::string& id : ids)
      if (!present.contains(id)) forgotten(id);
  }

  static PruneSummary prune_in(Repository& in, double max_unused) {
    Problems problems;
    PruneSummary summary = prune(in, {.max_unused_percent = max_unused}, problems, {});
    require(problems.texts().empty(), "a prune reported:\n" + problems.texts());
    return summary;
  }

  PruneSummary prune_and_say(Repository& in, double max_unused) {
    PruneSummary summary = prune_in(in, max_unused);
    log_ << "\n     prunes to " << max_unused << " %: " << summary.packs_deleted << " packs deleted, "
         << summary.packs_repacked << " repacked, " << summary.packs_kept << " kept, generation " << summary.generation
         << (summary.sweep_postponed ? ", postponed" : "");
    return summary;
  }

  double draw_max_unused() { return random_.of(std::vector<double>{0, 0, 5, 30, 100}); }

  void prune_some() {
    say() << "prunes";
    for (std::uint64_t i = 1 + random_.below(3); i > 0; --i) {
      Client& client = site_.keeper();
      prune_and_say(site_.repository(client), draw_max_unused());
    }
  }

  void prune_fails() {
    say() << "a prune that may fail";
    const double max_unused = draw_max_unused();
    with_fault(site_.keeper(), [&](Repository& in) { prune_and_say(in, max_unused); });
  }

  // --- what may come between

  // Runs `operation` on a store that fails, or dies, at some operation. True when it completed all the same.
  bool with_fault(const Client& client, const std::function<void(Repository&)>& operation) {
    FaultPlan plan;
    plan.at = 1 + random_.below(random_.chance(50) ? 12 : 120);
    plan.kind = random_.of(std::vector<FaultKind>{FaultKind::fail, FaultKind::torn, FaultKind::crash,
                                                  FaultKind::crash_after, FaultKind::lose_reply});
    const auto flushed = static_cast<std::size_t>(random_.below(4));
    if (random_.chance(50)) plan.tear_flush = [store = site_.store(), flushed] { store->flush_some(flushed); };
    const auto faulty = std::make_shared<FaultStore>(site_.store(), plan);
    bool completed = false;
    try {
      Repository in = site_.open(client, faulty);
      operation(in);
      completed = true;
    } catch (const SimulatedCrash&) {
    } catch (const Error& error) {
      require(faulty->operations() >= plan.at, std::string("an operation failed without reason: ") + error.what());
    }
    log_ << "\n     " << (completed ? "it completed" : "it failed") << ", with a fault at operation " << plan.at;
    if (faulty->crashed()) site_.crash();
    return completed;
  }

  // In the middle of a backup others forget, prune, and make backups.
  void others_cut_in() {
    Client& client = site_.writer();
    Client& other = client.name == "owner" ? site_.second_owner() : site_.owner();
    say() << "a backup by " << client.name << ", and meanwhile " << other.name;
    RandomBackup backup = change_and_draw();
    backup.options.threads = 1;
    std::optional<RandomBackup> second;
    if (random_.chance(30)) second = backups_.draw(kept_);
    if (second && backup.kept.is_stream && second->kept.is_stream) second.reset();
    const std::vector<std::string> ids = random_.chance(80) ? draw_ids_to_forget() : std::vector<std::string>{};
    const std::uint64_t prunes = random_.below(3);
    std::exception_ptr failure;
    const auto meanwhile = [&] {
      try {
        Repository in = site_.open(other, site_.store());
        if (second) keep(back_up_to(in, *second), second->kept);
        forget_ids(in, ids);
        for (std::uint64_t i = 0; i < prunes; ++i) prune_and_say(in, 0);
      } catch (...) {
        failure = std::current_exception();
      }
    };
    const int at = 1 + static_cast<int>(random_.below(30));
    Repository in = site_.open(client, std::make_shared<InterruptedStore>(site_.store(), at, meanwhile));
    try {
      keep(back_up_to(in, backup), backup.kept);
    } catch (const Error& error) {
      // A stream cannot be read again, nor a parent be found that is gone.
      const bool excused = (backup.kept.is_stream && error.code() == ErrorCode::conflict) ||
                           (!backup.options.parent.empty() && error.code() == ErrorCode::not_found);
      if (!excused) throw;
      log_ << "\n     it gave up: " << error.what();
    }
    if (failure) std::rethrow_exception(failure);
    adopt_unknown(backup.kept);
  }

  // Two backups and a prune in threads of their own.
  void all_at_once() {
    say() << "two backups and a prune at once";
    const RandomBackup first = change_and_draw();
    const RandomBackup second = backups_.draw(kept_);
    if (first.kept.is_stream || second.kept.is_stream || !first.options.parent.empty() ||
        !second.options.parent.empty())
      return;
    std::string first_id;
    std::string second_id;
    Repository pruned = site_.open(site_.maintainer(), site_.store());
    TaskScope scope;
    scope.spawn("first",
                [&](const std::stop_token&) { first_id = back_up_to(site_.repository(site_.owner()), first); });
    scope.spawn("second", [&](const std::stop_token&) {
      second_id = back_up_to(site_.repository(site_.second_owner()), second);
    });
    scope.spawn("prune", [&](const std::stop_token&) { prune_in(pruned, 0); });
    scope.join();
    keep(first_id, first.kept);
    keep(second_id, second.kept);
  }

  void begin_or_end_long_run() { say() << (site_.begin_or_end_long_run() ? "a long run begins" : "a long run ends"); }

  void wait_long() {
    say() << "hours pass";
    site_.let_leases_lapse();
  }

  void lose_a_cache() {
    Client& client = site_.any();
    say() << client.name << " loses the cache";
    site_.lose_cache(client);
  }

  void dry_runs() {
    say() << "dry runs change nothing";
    const StoredObjects before = objects_of(*site_.store());
    RandomBackup backup = backups_.draw(kept_);
    backup.options.dry_run = true;
    back_up_to(site_.repository(site_.writer()), backup);
    RunMonitor silent;
    prune(site_.repository(site_.keeper()), {.max_unused_percent = 0, .dry_run = true}, silent, {});
    require(objects_of(*site_.store()) == before, "a dry run changed the repository");
  }

  // --- the end

  void prune_all() {
    site_.pass_time(kNsPerSecond);
    for (int run = 1;; ++run) {
      const PruneSummary summary = prune_and_say(site_.repository(site_.keeper()), 0);
      require(!summary.sweep_postponed, "a prune was held off though nobody is there");
      if (summary.nothing_to_do) break;
      require(run < kMostPrunes, "prunes do not come to an end");
    }
    verifier_.verify_soundness();
    for (const Kept& each : kept_.all()) verifier_.verify_restore(each);
  }

  void forget_all_but(const std::string& last) {
    std::vector<std::string> ids;
    for (const Kept& each : kept_.all())
      if (each.id != last) ids.push_back(each.id);
    forget_ids(site_.repository(site_.owner()), ids);
  }

  // All that is left restores; then one of them by itself; and of nothing nothing is left.
  void finish() {
    say() << "the end";
    site_.let_leases_lapse();
    site_.close_all();
    prune_all();
    if (kept_.empty()) return;
    forget_all_but(kept_.any(random_).id);
    prune_all();
    forget_all_but("");
    prune_all();
    require(site_.store()->list(ObjectKind::pack, {}).empty(), "packs that nobody needs are left");
    require(site_.store()->list(ObjectKind::index, {}).empty(), "index segments that nobody needs are left");
  }

  Random random_;
  std::ostringstream log_;
  int steps_said_ = 0;
  ScratchDir scratch_;
  const std::filesystem::path folder_ = scratch_ / "source";
  const Sizes sizes_;
  RandomSource source_{folder_, sizes_.source, random_};
  RandomBackups backups_{folder_, scratch_.path(), random_, log_};
  Site site_{scratch_.path(), sizes_.repository, random_};
  Verifier verifier_{site_, scratch_.path(), random_, log_};
  KeptSnapshots kept_;
};

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

TEST(RandomHistories, Every_snapshot_comes_back_as_it_was) {
  const std::uint64_t first = number_from_environment("SEED", kFirstSeed);
  const std::uint64_t rounds = number_from_environment("ROUNDS", kRounds);
  for (std::uint64_t seed = first; seed < first + rounds; ++seed) {
    History history(seed);
    try {
      history.run();
    } catch (const std::exception& error) {
      FAIL() << "SEED=" << seed << ": " << error.what() << "\nThe history:" << history.log();
    }
  }
}

}  // namespace igudar::testing
