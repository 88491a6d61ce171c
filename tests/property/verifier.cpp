#include "verifier.h"

#include <ostream>

#include "base/hex.h"
#include "ops/check/check.h"
#include "ops/list/list.h"
#include "random_source.h"
#include "restore_model.h"

namespace igudar::testing {

namespace {

void require_like(const TreeState& expected, const TreeState& actual, const Compared& compared,
                  const std::string& what) {
  const std::string text = differences(expected, actual, compared);
  require(text.empty(), what + " differs:\n" + text);
}

void require_like(const Entry& listed, const NodeState& node, const Kept& kept) {
  if (!node.is_file()) return;
  require(listed.meta.size == node.size, "the size listed of " + shown(listed.path) + " is wrong");
  require(!kept.has_digests || !listed.digests.empty(), "the digest of " + shown(listed.path) + " is missing");
  for (const FileDigest& digest : listed.digests)
    require(digest.algorithm != DigestAlgorithm::sha256 || equal(digest.value, node.content.view()),
            "the digest of " + shown(listed.path) + " is wrong");
}

// Of what was backed up by name, and of nothing, a restore cannot tell what lies beside it: that it spares.
bool knows_what_is_extra(const Kept& kept, const Exclusion& exclusion) {
  return kept.has_top && std::any_of(kept.tree.begin(), kept.tree.end(), [&](const auto& entry) {
           const auto& [path, node] = entry;
           return !path.empty() && parent_of(path).empty() && !exclusion.excludes(path, node);
         });
}

}  // namespace

Verifier::Verifier(Site& site, const std::filesystem::path& scratch, Random& random, std::ostream& log)
    : site_(site), restored_(scratch / "restored"), random_(random), log_(log) {}

void Verifier::verify_some(const KeptSnapshots& kept) {
  verify_catalogue(kept);
  verify_soundness();
  if (kept.empty()) return;
  if (random_.chance(30)) verify_entries(kept.any(random_));
  if (random_.chance(50)) verify_restore(kept.any(random_));
  if (!random_.chance(25)) return;
  const Kept& restored = kept.any(random_);
  verify_restore_over(restored, kept.any(random_));
}

void Verifier::verify_catalogue(const KeptSnapshots& kept) {
  require(snapshots_seen_by(site_.repository(site_.any())) == kept.ids(),
          "the catalogue does not have the snapshots that there are");
}

void Verifier::verify_soundness() {
  CheckOptions options;
  options.read_data.kind = ReadDataSelection::Kind::all;
  RunMonitor silent;
  const CheckSummary summary = check(site_.repository(site_.reader()), options, silent, {});
  std::string text;
  for (const Finding& finding : summary.damage) text += "  " + finding.object + ": " + finding.text + "\n";
  require(text.empty() && summary.affected_snapshots.empty(), "check found:\n" + text);
}

void Verifier::verify_entries(const Kept& kept) {
  if (kept.is_stream) return;
  std::set<std::string> wanted;
  for (const auto& [path, node] : kept.tree) wanted.insert(path);
  std::set<std::string> found;
  ListOptions options;
  options.snapshot = kept.id;
  options.path = kept.below;
  const auto look_at = [&](const Entry& entry) {
    std::string path = entry.path;
    if (!kept.below.empty()) path = path.size() + 1 == kept.below.size() ? "" : path.substr(kept.below.size());
    found.insert(path);
    if (const auto node = kept.tree.find(path); node != kept.tree.end()) require_like(entry, node->second, kept);
    return true;
  };
  list_entries(site_.repository(site_.reader()), options, look_at, {});
  require(found == wanted, "the entries listed of " + kept.name() + " are not those that were there");
}

RestoreOptions Verifier::restore_options(const Kept& kept, const std::string& below) {
  const std::string path = kept.below + below;
  RestoreOptions options;
  options.snapshot = kept.id + (path.empty() ? "" : ":" + path);
  options.target = restored_.string();
  options.threads = static_cast<unsigned>(1 + random_.below(3));
  options.sparse = random_.chance(30);
  options.verify = random_.chance(20);
  options.numeric_ids = random_.chance(30);
  return options;
}

void Verifier::verify_restore(const Kept& kept) {
  std::filesystem::remove_all(restored_);
  Problems problems;
  restore(site_.repository(site_.reader()), restore_options(kept, ""), problems, {});
  require(problems.texts().empty(), "a restore of " + kept.name() + " reported:\n" + problems.texts());
  const TreeState found = read_tree(restored_);
  if (kept.is_stream) {
    const auto& [name, node] = *kept.tree.begin();
    require(found.contains(name) && found.at(name).size == node.size && found.at(name).content == node.content,
            "the stream of " + kept.name() + " differs");
    return;
  }
  Compared compared;
  if (!kept.has_top) compared.ignored.insert("");
  require_like(kept.tree, found, compared, "what was restored of " + kept.name());
}

std::string Verifier::random_folder(const Kept& kept) {
  if (random_.chance(80) || !kept.below.empty()) return "";
  std::vector<std::string> folders = {""};
  for (const auto& [path, node] : kept.tree)
    if (node.is_folder()) folders.push_back(path);
  return random_.of(folders);
}

void Verifier::change_restored() {
  Random random(random_.below(1000));
  RandomSource folder(restored_, {.bytes = 60U << 20, .entries = 2000}, random);
  for (std::uint64_t i = random_.below(6); i > 0; --i) folder.change();
}

void Verifier::verify_restore_over(const Kept& kept, const Kept& older) {
  if (kept.is_stream || older.is_stream) return;
  std::filesystem::remove_all(restored_);
  RunMonitor silent;
  restore(site_.repository(site_.reader()), restore_options(older, ""), silent, {});
  change_restored();

  std::string below = random_folder(kept);
  Exclusion exclusion;
  if (random_.chance(40)) exclusion = Exclusion::random(random_);
  if (!below.empty() || !kept.below.empty()) exclusion.top.clear();
  if (!below.empty() && exclusion.excludes(below, kept.tree.at(below))) below.clear();
  RestoreOptions options = restore_options(kept, below);
  options.excludes = exclusion.patterns();
  options.overwrite =
      random_.of(std::vector<Overwrite>{Overwrite::always, Overwrite::always, Overwrite::if_changed, Overwrite::never});
  options.delete_extra = random_.chance(50) && knows_what_is_extra(kept, exclusion);
  options.verify = false;
  log_ << "\n     restores " << kept.name() << ":" << shown(below) << " over " << older.name() << ", overwrite "
       << static_cast<int>(options.overwrite) << (options.delete_extra ? ", delete" : "");
  for (const std::string& pattern : options.excludes) log_ << ", without " << pattern;

  const TreeState before = read_tree(restored_);
  const RestoreExpectation expected = expect_restore(subtree(kept.tree, below), before, options, exclusion);
  Problems problems;
  restore(site_.repository(site_.reader()), options, problems, {});
  const std::string what = kept.name() + " over " + older.name();
  require(problems.texts().empty() == expected.refused.empty(),
          "a restore of " + what + " reported:\n" + problems.texts());
  require_like(expected.tree, read_tree(restored_), expected.compared, "what was restored of " + what);
}

std::set<std::string> snapshots_seen_by(Repository& repository) {
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, {});
  std::set<std::string> ids;
  for (const CataloguedSnapshot& snapshot : catalogue.snapshots()) ids.insert(to_hex(snapshot.id.view()));
  return ids;
}

}  // namespace igudar::testing
