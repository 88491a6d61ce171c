#include "base/error.h"
#include "base/translate.h"
#include "format/entry_codec.h"
#include "ops/list/snapshot_info.h"
#include "ops/snapshot_ledger.h"
#include "ops/snapshot_selection.h"
#include "repo/table_cursor.h"

namespace igudar {

namespace {

constexpr unsigned kFewEntries = 64;  // are stepped over; more are skipped by looking for what follows them

// The key of a path as `ls` shows it: with or without slashes round it.
std::string key_of_argument(std::string path) {
  while (path.starts_with("./")) path.erase(0, 2);
  if (path == ".") path.clear();
  path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
  while (path.ends_with('/')) path.pop_back();
  return key_of_path(path);
}

// Walks the part of one tree that was asked for.
class TreeListing {
 public:
  using Visit = std::function<bool(const Entry&)>;
  TreeListing(const Repository& repository, const TableRoot& tree, std::string top, const ListOptions& options,
              const Visit& visit)
      : repository_(repository), tree_(tree), top_(std::move(top)), recursive_(options.recursive), visit_(visit) {}

  // False when there is no such path.
  bool run(const std::stop_token& stop) const {
    ReaderIndex index(
        repository_, [](const ObjectName&, const Error&) {}, stop);
    ChunkReader chunks(repository_, index);
    std::optional<TableCursor> cursor;
    cursor.emplace(chunks, ChunkType::page, tree_, top_);
    bool found = false;
    unsigned skipped = 0;
    while (cursor->next(stop) && is_below_top(cursor->key())) {
      const std::string& key = cursor->key();
      found = true;
      if (const std::string child = recursive_ ? key : direct_child(key); child != key) {
        // All keys below the child come before the child's own key with a byte 1.
        if (++skipped % kFewEntries == 0) cursor.emplace(chunks, ChunkType::page, tree_, child + '\x01');
        continue;
      }
      skipped = 0;
      if (!visit_(decode_entry(key, cursor->value()))) break;
    }
    return found;
  }

 private:
  bool is_below_top(const std::string& key) const {
    return top_.empty() || (key.starts_with(top_) && (key.size() == top_.size() || key[top_.size()] == '\0'));
  }

  // The ancestor of `key` (or the key itself) that lies directly in the top folder.
  std::string direct_child(const std::string& key) const {
    if (key.size() == top_.size()) return key;
    return key.substr(0, key.find('\0', top_.empty() ? 0 : top_.size() + 1));
  }

  const Repository& repository_;
  const TableRoot tree_;
  const std::string top_;
  const bool recursive_;
  const Visit& visit_;
};

}  // namespace

ListedSnapshot list_entries(Repository& repository, const ListOptions& options,
                            const std::function<bool(const Entry&)>& visit, std::stop_token stop) {
  repository.config().require_support(Operation::read);
  repository.keys().require_reading();
  auto [id, path] = split_snapshot_argument(options.snapshot);
  if (!options.path.empty()) path = options.path;
  const SnapshotCatalogue catalogue = SnapshotCatalogue::load(repository, CatalogueSource::cache, stop);
  const CataloguedSnapshot& snapshot = select_snapshot(catalogue, id, options.filter);
  const SnapshotLedger ledger(repository, snapshot, stop);
  ListedSnapshot listed{info_of(snapshot), 0, ledger.damaged()};
  const std::function<bool(const Entry&)> visit_kept = [&](const Entry& entry) {
    if (!ledger.was_erased(entry)) return visit(entry);
    ++listed.erased;
    return true;
  };
  const std::string top = key_of_argument(path);
  const TreeListing listing(repository, snapshot.snapshot.tree, top, options, visit_kept);
  if (!listing.run(stop) && !top.empty())
    throw Error(ErrorCode::not_found, trf("there is no {} in snapshot {}", path, listed.snapshot.id.substr(0, 8)),
                tr("'igudar ls' without a path lists all there is."));
  return listed;
}

}  // namespace igudar
