#include "repo/audit_store.h"

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "concurrency/guarded.h"
#include "concurrency/task_scope.h"
#include "crypto/hash.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestEntry = 16U << 20;
constexpr std::uint64_t kLargestMerged = 256U << 20;
constexpr std::uint64_t kMergedBytes = 32U << 20;  // what a writer of merged objects stops at
constexpr std::size_t kMostLoose = 64;
constexpr std::size_t kLeftLoose = 32;  // a machine whose state folder is an old copy meets those that are taken
constexpr unsigned kReaders = 4;

struct ListedAudit {
  AuditObjectName place;
  ObjectName name;
};

std::vector<ListedAudit> list_audit(const Repository& repository, const std::stop_token& stop) {
  std::vector<ListedAudit> listed;
  for (const ObjectInfo& object : repository.store().list(ObjectKind::audit, stop))
    if (const std::optional<AuditObjectName> place = parse_audit_object_id(object.name.id))
      listed.push_back({*place, object.name});
  return listed;
}

// The entries of an object, the first of them that of number place.first. Throws damaged when their count is not that
// of the name.
std::vector<Bytes> entries_of(const Repository& repository, const ListedAudit& listed, const std::stop_token& stop) {
  const AuditObjectName& place = listed.place;
  Bytes object = repository.store().get(listed.name, place.merged ? kLargestMerged : kLargestEntry, stop);
  if (!place.merged) return {std::move(object)};
  std::vector<Bytes> entries = decode_merged_entries(object);
  if (entries.size() != place.last - place.first + 1)
    throw Error(ErrorCode::damaged, trf("{} does not hold the entries that its name says", listed.name.to_string()));
  return entries;
}

void add(StoredAuditLogs& found, const AuditObjectName& place, std::vector<Bytes> entries) {
  auto& log = found.logs[place.log];
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::vector<Bytes>& copies = log[place.first + i];
    if (std::find(copies.begin(), copies.end(), entries[i]) == copies.end()) copies.push_back(std::move(entries[i]));
  }
}

// Objects that a newer merge took the place of between the listing and the reading.
bool was_merged(const Error& error) {
  return error.code() == ErrorCode::not_found;
}

StoredAuditLogs read_listed(const Repository& repository, const std::vector<ListedAudit>& listed, bool& again,
                            const std::stop_token& stop) {
  struct Found {
    StoredAuditLogs logs;
    bool vanished = false;
  };
  Guarded<Found> found;
  parallel_for(listed.size(), kReaders, stop, [&](std::size_t i) {
    try {
      std::vector<Bytes> entries = entries_of(repository, listed[i], stop);
      found.with([&](Found& f) { add(f.logs, listed[i].place, std::move(entries)); });
    } catch (const Error& error) {
      if (!is_loss(error) && error.code() != ErrorCode::unsupported) throw;
      found.with([&](Found& f) {
        if (was_merged(error))
          f.vanished = true;
        else
          f.logs.damaged.push_back({listed[i].name, error});
      });
    }
  });
  return found.with([&](Found& f) {
    again = f.vanished;
    std::sort(f.logs.damaged.begin(), f.logs.damaged.end(),
              [](const DamagedObject& a, const DamagedObject& b) { return a.name < b.name; });
    return std::move(f.logs);
  });
}

// The first numbers of a log's loose entries that may be merged: consecutive, sound, and not merged already.
std::vector<Bytes> mergeable(const Repository& repository, const std::vector<ListedAudit>& loose,
                             const std::stop_token& stop) {
  std::vector<Bytes> entries;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i + kLeftLoose < loose.size() && bytes < kMergedBytes; ++i) {
    if (i > 0 && loose[i].place.first != loose[i - 1].place.first + 1) break;
    std::vector<Bytes> read = entries_of(repository, loose[i], stop);
    const AuditEntry entry = decode_audit_entry(read.front());
    if (entry.log != loose[i].place.log || entry.number != loose[i].place.first) break;
    bytes += read.front().size();
    entries.push_back(std::move(read.front()));
  }
  return entries;
}

// Removes what is merged; how many.
std::uint64_t remove_loose(const Repository& repository, const std::vector<ListedAudit>& objects,
                           const std::stop_token& stop) {
  std::uint64_t removed = 0;
  for (const ListedAudit& object : objects) {
    repository.store().remove(object.name, stop);
    ++removed;
  }
  return removed;
}

std::uint64_t merge_log(const Repository& repository, std::vector<ListedAudit> objects, const std::stop_token& stop) {
  std::sort(objects.begin(), objects.end(),
            [](const ListedAudit& a, const ListedAudit& b) { return a.place.first < b.place.first; });
  std::vector<ListedAudit> loose;
  std::uint64_t removed = 0;
  for (const ListedAudit& object : objects) {
    if (object.place.merged) continue;
    const auto covering = std::find_if(objects.begin(), objects.end(), [&](const ListedAudit& other) {
      return other.place.merged && other.place.first <= object.place.first && object.place.first <= other.place.last;
    });
    if (covering == objects.end()) {
      loose.push_back(object);
      continue;
    }
    // A merge that was cut short, unless the two differ: then both stay, for verify to see.
    const std::vector<Bytes> merged = entries_of(repository, *covering, stop);
    if (entries_of(repository, object, stop).front() == merged[object.place.first - covering->place.first])
      removed += remove_loose(repository, {object}, stop);
  }
  if (loose.size() <= kMostLoose) return removed;
  const std::vector<Bytes> entries = mergeable(repository, loose, stop);
  if (entries.size() < 2) return removed;
  loose.resize(entries.size());
  const std::string id = audit_object_id(loose.front().place.log, loose.front().place.first, loose.back().place.first);
  repository.store().put({ObjectKind::audit, id}, encode_merged_entries(entries), Durability::durable, stop);
  return removed + remove_loose(repository, loose, stop);
}

}  // namespace

StoredAuditLogs read_audit_logs(const Repository& repository, std::stop_token stop) {
  constexpr int kMostListings = 4;
  for (int listing = 1;; ++listing) {
    bool again = false;
    StoredAuditLogs logs = read_listed(repository, list_audit(repository, stop), again, stop);
    if (!again || listing == kMostListings) return logs;
  }
}

std::vector<AuditHead> audit_heads(const Repository& repository, std::stop_token stop) {
  std::map<AuditLogId, ListedAudit> newest;
  for (const ListedAudit& listed : list_audit(repository, stop)) {
    const auto [known, is_new] = newest.emplace(listed.place.log, listed);
    if (!is_new && listed.place.last > known->second.place.last) known->second = listed;
  }
  std::vector<AuditHead> heads;
  for (const auto& [log, listed] : newest) {
    try {
      heads.push_back({log, listed.place.last, sha256(entries_of(repository, listed, stop).back())});
    } catch (const Error& error) {
      if (!is_loss(error) && error.code() != ErrorCode::unsupported) throw;
    }
  }
  return heads;
}

std::uint64_t merge_audit_entries(const Repository& repository, std::stop_token stop) {
  std::map<AuditLogId, std::vector<ListedAudit>> logs;
  for (ListedAudit& listed : list_audit(repository, stop)) logs[listed.place.log].push_back(std::move(listed));
  std::uint64_t removed = 0;
  for (auto& [log, objects] : logs) {
    try {
      removed += merge_log(repository, std::move(objects), stop);
    } catch (const Error& error) {
      // Another prune was faster, an entry is damaged (verify says so), or the storage keeps everything.
      if (!is_loss(error) && error.code() != ErrorCode::already_exists && error.code() != ErrorCode::permission &&
          error.code() != ErrorCode::unsupported)
        throw;
    }
  }
  return removed;
}

}  // namespace igudar
