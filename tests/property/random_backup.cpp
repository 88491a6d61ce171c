#include "random_backup.h"

#include <fcntl.h>

#include <fstream>
#include <ostream>

#include "restore_model.h"

namespace igudar::testing {

namespace {

constexpr TimeNs kHour = TimeNs{3600} * kNsPerSecond;
constexpr std::uint64_t kAnySize = ~std::uint64_t{0};

bool leads_to_any(const std::string& path, const std::vector<std::string>& roots) {
  return std::any_of(roots.begin(), roots.end(), [&](const std::string& root) { return is_within(root, path); });
}

// The outermost of the roots that `path` is in; none when it is in none.
const std::string* root_of(const std::string& path, const std::vector<std::string>& roots) {
  const std::string* found = nullptr;
  for (const std::string& root : roots)
    if (is_within(path, root) && (found == nullptr || root.size() < found->size())) found = &root;
  return found;
}

// What a backup of `roots` takes (none: of the top), with the folders that lead to them.
TreeState chosen_of(const TreeState& tree, const std::vector<std::string>& roots, const Exclusion& exclusion,
                    std::uint64_t largest) {
  TreeState chosen;
  for (const auto& [path, node] : tree) {
    const std::string* root = root_of(path, roots);
    if (!roots.empty() && root == nullptr) {
      if (!path.empty() && leads_to_any(path, roots)) chosen[path] = node;
      continue;
    }
    const bool begins_here = root == nullptr ? path.empty() || parent_of(path).empty() : path == *root;
    if (!begins_here && !chosen.contains(parent_of(path))) continue;
    const bool left_out = (!path.empty() && exclusion.excludes(path, node)) || (node.is_file() && node.size > largest);
    if (!left_out) chosen[path] = node;
  }
  return chosen;
}

}  // namespace

RandomBackups::RandomBackups(std::filesystem::path source, std::filesystem::path scratch, Random& random,
                             std::ostream& log)
    : source_(std::move(source)),
      scratch_(std::move(scratch)),
      random_(random),
      log_(log),
      checkpoint_bytes_(random.of(std::vector<std::uint64_t>{30'000, 300'000, 2ULL << 30})) {}

RandomBackup RandomBackups::draw(const KeptSnapshots& parents) {
  static const std::vector<std::string> compressions = {"auto", "auto",   "none",    "zstd:1",
                                                        "lz4",  "zlib:1", "bzip2:1", "lzma:0"};
  RandomBackup backup;
  BackupOptions& options = backup.options;
  options.threads = static_cast<unsigned>(1 + random_.below(4));
  options.checkpoint_bytes = checkpoint_bytes_;
  options.force = random_.chance(10);
  options.host = random_.chance(15) ? "elsewhere" : "here";
  if (!parents.empty() && random_.chance(15)) options.parent = parents.any(random_).id;
  if (random_.chance(20)) options.tags = {"tagged"};
  if (random_.chance(10)) options.time = wall_clock_ns() - static_cast<TimeNs>(random_.below(1000)) * kHour;
  if (random_.chance(30)) options.digests = {DigestAlgorithm::sha256};
  options.with_atime = random_.chance(5);
  options.compression = *parse_compression(random_.of(compressions));
  backup.kept.has_digests = !options.digests.empty();
  random_.chance(8) ? draw_stream(backup) : draw_tree(backup);
  return backup;
}

void RandomBackups::draw_stream(RandomBackup& backup) {
  const std::string name = random_.chance(50) ? "stream" : "folder/stream";
  const std::filesystem::path file = scratch_ / "input";
  std::filesystem::remove(file);  // an earlier one may still be open, to be read
  std::mt19937_64 engine(random_.below(4));
  Bytes content(static_cast<std::size_t>(random_.below(300'000)));
  for (std::uint8_t& byte : content) byte = static_cast<std::uint8_t>(engine() >> 40);
  std::ofstream(file, std::ios::binary).write(text_of(content).data(), static_cast<std::streamsize>(content.size()));
  backup.input.reset(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  backup.options.stdin_filename = name;
  backup.options.stdin_fd = backup.input.get();
  backup.kept.is_stream = true;
  backup.kept.has_top = false;
  backup.kept.tree[name] = read_tree(file).at("");
  log_ << "\n     a stream of " << content.size() << " bytes as " << name;
}

std::vector<std::string> RandomBackups::draw_roots(const TreeState& tree) {
  std::vector<std::string> paths;
  for (const auto& [path, node] : tree)
    if (!path.empty()) paths.push_back(path);
  std::vector<std::string> roots;
  for (std::uint64_t i = 1 + random_.below(3); i > 0; --i) roots.push_back(random_.of(paths));
  return roots;
}

void RandomBackups::draw_tree(RandomBackup& backup) {
  constexpr std::size_t kFewEntries = 3;
  BackupOptions& options = backup.options;
  Kept& kept = backup.kept;
  Exclusion exclusion;
  if (random_.chance(25)) exclusion = Exclusion::random(random_);
  const TreeState tree = read_tree(source_);
  std::vector<std::string> roots;
  if (random_.chance(20) && tree.size() > kFewEntries) {
    roots = draw_roots(tree);
    options.paths = roots;
    kept.has_top = false;
  } else if (random_.chance(15)) {
    options.paths = {source_.string()};
    kept.below = source_.string();
    exclusion.top.clear();
  } else {
    options.paths = {"."};
  }
  if (random_.chance(10)) options.exclude_larger_than = 1 + random_.below(100'000);
  options.excludes = exclusion.patterns();
  kept.tree = chosen_of(tree, roots, exclusion, options.exclude_larger_than.value_or(kAnySize));

  for (const std::string& path : options.paths) log_ << "\n     of " << shown(path);
  for (const std::string& pattern : options.excludes) log_ << "\n     without " << shown(pattern);
  if (options.exclude_larger_than) log_ << "\n     without what is larger than " << *options.exclude_larger_than;
  if (options.force) log_ << "\n     all anew";
  if (!options.parent.empty()) log_ << "\n     after " << options.parent.substr(0, 8);
}

}  // namespace igudar::testing
