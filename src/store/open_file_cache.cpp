#include "store/open_file_cache.h"

#include <algorithm>
#include <utility>

namespace igudar {

OpenFileCache::File OpenFileCache::find(const std::string& id) {
  return entries_.with([&](std::list<Entry>& entries) -> File {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.id == id; });
    if (found == entries.end()) return nullptr;
    entries.splice(entries.begin(), entries, found);
    return found->file;
  });
}

void OpenFileCache::insert(const std::string& id, File file) {
  entries_.with([&](std::list<Entry>& entries) {
    std::erase_if(entries, [&](const Entry& entry) { return entry.id == id; });
    entries.push_front({id, std::move(file)});
    if (entries.size() > capacity_) entries.pop_back();
  });
}

void OpenFileCache::erase(const std::string& id) {
  entries_.with(
      [&](std::list<Entry>& entries) { std::erase_if(entries, [&](const Entry& entry) { return entry.id == id; }); });
}

}  // namespace igudar
