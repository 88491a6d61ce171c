#include "store/retrying_store.h"

#include <utility>

#include "base/error.h"

namespace igudar {

RetryingStore::RetryingStore(std::shared_ptr<ObjectStore> inner, RetryPolicy policy)
    : inner_(std::move(inner)), retry_(std::move(policy)) {}

bool RetryingStore::holds(const ObjectName& name, ByteView content, const std::stop_token& stop) const {
  const auto info = stat(name, stop);
  return info && info->size == content.size() && equal(get(name, content.size(), stop), content);
}

bool RetryingStore::creates_exclusively(std::stop_token stop) {
  bool exclusively = false;
  retry_.run(stop, [&](unsigned) { exclusively = inner_->creates_exclusively(stop); });
  return exclusively;
}

void RetryingStore::put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) {
  retry_.run(stop, [&](unsigned number) {
    try {
      inner_->put(name, content, durability, stop);
    } catch (const Error& error) {
      if (number == 0 || error.code() != ErrorCode::already_exists) throw;
      if (durability == Durability::deferred) inner_->flush(stop);
      if (!holds(name, content, stop)) throw;
    }
  });
}

std::unique_ptr<ObjectWriter> RetryingStore::open_writer(const ObjectName& name, std::stop_token stop) {
  std::unique_ptr<ObjectWriter> writer;
  retry_.run(stop, [&](unsigned) { writer = inner_->open_writer(name, stop); });
  return writer;
}

void RetryingStore::flush(std::stop_token stop) {
  retry_.run(stop, [&](unsigned) { inner_->flush(stop); });
}

Bytes RetryingStore::get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const {
  Bytes content;
  retry_.run(stop, [&](unsigned) { content = inner_->get(name, limit, stop); });
  return content;
}

void RetryingStore::get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                              std::stop_token stop) const {
  retry_.run(stop, [&](unsigned) { inner_->get_range(name, offset, out, stop); });
}

std::optional<ObjectInfo> RetryingStore::stat(const ObjectName& name, std::stop_token stop) const {
  std::optional<ObjectInfo> info;
  retry_.run(stop, [&](unsigned) { info = inner_->stat(name, stop); });
  return info;
}

std::vector<ObjectInfo> RetryingStore::list(ObjectKind kind, std::stop_token stop) const {
  std::vector<ObjectInfo> found;
  retry_.run(stop, [&](unsigned) { found = inner_->list(kind, stop); });
  return found;
}

void RetryingStore::remove(const ObjectName& name, std::stop_token stop) {
  retry_.run(stop, [&](unsigned) { inner_->remove(name, stop); });
}

std::unique_ptr<ObjectStore> RetryingStore::open_folder(const std::string& name) const {
  return std::make_unique<RetryingStore>(inner_->open_folder(name), retry_.policy());
}

TimeNs RetryingStore::now(std::stop_token stop) const {
  TimeNs time = 0;
  retry_.run(stop, [&](unsigned) { time = inner_->now(stop); });
  return time;
}

}  // namespace igudar
