#include "repo/twin_objects.h"

#include <algorithm>

#include "repo/requests.h"

namespace igudar {

namespace {

constexpr std::size_t kSuffixSize = 2;

}  // namespace

std::vector<std::string> list_twins(const ObjectStore& store, ObjectKind kind, std::stop_token stop) {
  std::vector<std::string> stems;
  for (const ObjectInfo& object : list_or_none(store, kind, stop)) {
    const std::string& id = object.name.id;
    if (id.size() <= kSuffixSize) continue;
    const std::string suffix = id.substr(id.size() - kSuffixSize);
    if (suffix == kTwinSuffixes[0] || suffix == kTwinSuffixes[1])
      stems.push_back(id.substr(0, id.size() - kSuffixSize));
  }
  std::sort(stems.begin(), stems.end());
  stems.erase(std::unique(stems.begin(), stems.end()), stems.end());
  return stems;
}

void put_twins(ObjectStore& store, ObjectKind kind, const std::string& stem, ByteView object, std::stop_token stop) {
  for (const char* suffix : kTwinSuffixes) store.put(twin_name(kind, stem, suffix), object, Durability::durable, stop);
}

std::vector<FetchedTwin> fetch_twins(const ObjectStore& store, ObjectKind kind, const std::string& stem,
                                     std::stop_token stop) {
  std::vector<FetchedTwin> copies;
  for (const char* suffix : kTwinSuffixes) copies.push_back({twin_name(kind, stem, suffix), {}, {}});
  ask_side_by_side(store, copies.size(), stop, [&](std::size_t i) {
    try {
      copies[i].content = store.get(copies[i].name, kLargestTwin, stop);
    } catch (const Error& error) {
      copies[i].error = error;
    }
  });
  return copies;
}

void mend_twins(ObjectStore& store, const std::vector<DamagedObject>& damaged, ByteView sound, std::stop_token stop) {
  for (const DamagedObject& copy : damaged) {
    store.remove(copy.name, stop);
    store.put(copy.name, sound, Durability::durable, stop);
  }
}

void remove_twins(ObjectStore& store, ObjectKind kind, const std::string& stem, std::stop_token stop) {
  for (const char* suffix : kTwinSuffixes) store.remove(twin_name(kind, stem, suffix), stop);
}

}  // namespace igudar
