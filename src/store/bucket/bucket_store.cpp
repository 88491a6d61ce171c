#include "store/bucket/bucket_store.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/translate.h"
#include "concurrency/task_scope.h"
#include "store/checks.h"
#include "store/object_path.h"

namespace igudar {

namespace {

constexpr unsigned kPublishedAtOnce = 8;
// Longer than a backup takes from a pack's beginning to the flush that completes it.
constexpr TimeNs kUploadsAreStaleAfter = 7 * kNsPerDay;

}  // namespace

// Fills a part at a time. What fits in less than one is put in a request, and then exclusively.
class BucketStore::Writer final : public ObjectWriter {
 public:
  Writer(BucketStore& store, ObjectName name)
      : store_(store), name_(std::move(name)), part_(store.uploader_->take_buffer()) {}
  ~Writer() override { store_.uploader_->give_back(std::move(part_)); }

  void append(ByteView bytes, std::stop_token stop) override {
    throw_if_stopped(stop);
    const std::size_t whole = store_.service().part_size();
    while (!bytes.empty()) {
      if (part_.size() == whole) send_part(stop);
      const ByteView piece = bytes.first(std::min(bytes.size(), whole - part_.size()));
      part_.append(piece);
      bytes = bytes.subspan(piece.size());
    }
  }

  void finish(Durability durability, std::stop_token stop) override {
    throw_if_stopped(stop);
    if (!upload_) return store_.put(name_, part_.view(), durability, stop);
    send_part(stop);
    if (durability == Durability::deferred)
      store_.defer(name_, {{}, std::move(upload_)});
    else
      upload_->complete(std::move(stop));
  }

 private:
  void send_part(const std::stop_token& stop) {
    if (!upload_) {
      store_.require_exists(stop);
      upload_ = std::make_unique<PartUpload>(store_.uploader_, store_.key_of(name_));
    }
    Buffer full = std::exchange(part_, store_.uploader_->take_buffer());
    upload_->add(std::move(full), stop);
  }

  BucketStore& store_;
  ObjectName name_;
  Buffer part_;
  std::unique_ptr<PartUpload> upload_;
};

BucketStore::BucketStore(std::shared_ptr<ObjectService> service, unsigned parts_at_once)
    : uploader_(std::make_shared<Uploader>(service, parts_at_once)),
      exclusive_(std::make_shared<ExclusiveCreation>(std::move(service))) {}

BucketStore::~BucketStore() {
  drop_deferred();
}

StoreTraits BucketStore::traits() const {
  return {.network = true};
}

bool BucketStore::creates_exclusively(std::stop_token stop) {
  throw_if_stopped(stop);
  return exclusive_->known(stop);
}

std::string BucketStore::location() const {
  return root_.empty() ? service().location() : service().location() + "/" + root_.substr(0, root_.size() - 1);
}

std::string BucketStore::key_of(const ObjectName& name) const {
  require_valid(name);
  return root_ + object_path(name);
}

std::string BucketStore::marker_key() const {
  return root_ + kMarkerKey;
}

// A bucket has no folders: what is there shows in its objects. A repository that was copied to it has no marker.
bool BucketStore::exists(const std::stop_token& stop) const {
  if (!exists_)
    exists_ =
        service().head(root_ + object_path({}), stop).has_value() || service().head(marker_key(), stop).has_value();
  return exists_;
}

void BucketStore::require_exists(const std::stop_token& stop) const {
  if (!exists(stop)) throw Error(ErrorCode::not_found, trf("there is no repository in {}", location()));
}

void BucketStore::create(std::stop_token stop) {
  throw_if_stopped(stop);
  if (!service().list(root_, {}, stop).objects.empty())
    throw Error(ErrorCode::already_exists, trf("{} holds something already", location()),
                tr("Choose a prefix that nothing is stored under: a repository needs a place of its own."));
  exclusive_->find_out(root_, stop);
  exists_ = true;
}

void BucketStore::put_now(const ObjectName& name, ByteView content, const std::stop_token& stop) {
  require_exists(stop);
  const std::string key = key_of(name);
  if (exclusive_->known(stop)) {
    service().put(key, content, PutCondition::absent, stop);
  } else {
    // The best that there is: between two at once the later one replaces.
    if (service().head(key, stop)) throw_already_exists(name, location());
    service().put(key, content, PutCondition::none, stop);
  }
}

void BucketStore::put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) {
  throw_if_stopped(stop);
  require_valid(name);
  if (durability != Durability::deferred) return put_now(name, content, stop);
  require_exists(stop);
  if (service().head(key_of(name), stop)) throw_already_exists(name, location());
  defer(name, {copy_of(content), nullptr});
}

std::unique_ptr<ObjectWriter> BucketStore::open_writer(const ObjectName& name, std::stop_token stop) {
  throw_if_stopped(stop);
  require_valid(name);
  return std::make_unique<Writer>(*this, name);
}

void BucketStore::defer(const ObjectName& name, Deferred object) {
  const bool taken = deferred_.with([&](DeferredObjects& deferred) {
    return deferred.try_emplace(name, std::make_shared<Deferred>(std::move(object))).second;
  });
  if (!taken) throw_already_exists(name, location());
}

void BucketStore::publish(const ObjectName& name, Deferred& object, const std::stop_token& stop) {
  if (object.upload)
    object.upload->complete(stop);
  else
    put_now(name, object.content, stop);
  deferred_.with([&](DeferredObjects& deferred) { deferred.erase(name); });
}

void BucketStore::flush(std::stop_token stop) {
  throw_if_stopped(stop);
  flush_turn_.with([&](FlushTurn& turn) {
    const DeferredObjects deferred = deferred_.with([](const DeferredObjects& all) { return all; });
    std::vector<const DeferredObjects::value_type*> objects;
    for (const auto& object : deferred) objects.push_back(&object);
    parallel_for(objects.size(), kPublishedAtOnce, stop,
                 [&](std::size_t i) { publish(objects[i]->first, *objects[i]->second, stop); });
    const bool uploaded =
        std::any_of(objects.begin(), objects.end(), [](const auto* o) { return o->second->upload != nullptr; });
    if (uploaded && !std::exchange(turn.stale_aborted, true)) abort_stale_uploads(stop);
  });
}

// Parts of uploads that nobody completes are paid for, and no listing of objects shows them.
void BucketStore::abort_stale_uploads(const std::stop_token& stop) {
  try {
    for (const Upload& upload : service().unfinished_uploads(service().now(stop) - kUploadsAreStaleAfter, stop))
      service().abort(upload, stop);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    // Not every key may list uploads. What was published is published.
  }
}

void BucketStore::drop_deferred() noexcept {
  DeferredObjects dropped;
  deferred_.with([&](DeferredObjects& deferred) { dropped.swap(deferred); });
}

Bytes BucketStore::get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const {
  throw_if_stopped(stop);
  // Who reads the config is about to open the repository, and will write to it: one round trip less by then.
  if (name.kind == ObjectKind::config) look_in_background();
  auto content = service().get(key_of(name), limit, stop);
  if (!content) throw_not_found(name, location());
  exists_ = true;
  return std::move(*content);
}

void BucketStore::get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                            std::stop_token stop) const {
  throw_if_stopped(stop);
  const std::string key = key_of(name);
  if (out.empty()) return;
  const auto received = service().get_range(key, offset, out, stop);
  if (!received) throw_not_found(name, location());
  if (*received < out.size()) throw_truncated(name, location(), offset + out.size());
  exists_ = true;
}

void BucketStore::look_in_background() const {
  (void)uploader_->pool().submit(
      [exclusive = exclusive_](const std::stop_token& stop) {
        try {
          exclusive->look(stop);
        } catch (const std::exception&) {  // who needs it meets it again
        }
      },
      0, {});
}

std::optional<ObjectInfo> BucketStore::stat(const ObjectName& name, std::stop_token stop) const {
  throw_if_stopped(stop);
  const auto found = service().head(key_of(name), stop);
  if (!found) return std::nullopt;
  exists_ = true;
  return ObjectInfo{name, found->size, found->stored_at};
}

std::vector<ObjectInfo> BucketStore::list(ObjectKind kind, std::stop_token stop) const {
  throw_if_stopped(stop);
  std::vector<ObjectInfo> found;
  ListPage page;
  do {
    page = service().list(root_ + path_prefix(kind), page.next, stop);
    for (const ServiceObject& object : page.objects)
      if (const auto name =
              object_at(kind, std::string_view(object.key).substr(std::min(root_.size(), object.key.size()))))
        found.push_back({*name, object.size, object.stored_at});
  } while (!page.next.empty());
  if (found.empty()) require_exists(stop);
  std::sort(found.begin(), found.end(), [](const ObjectInfo& a, const ObjectInfo& b) { return a.name < b.name; });
  return found;
}

void BucketStore::remove(const ObjectName& name, std::stop_token stop) {
  throw_if_stopped(stop);
  service().remove(key_of(name), stop);
}

std::unique_ptr<ObjectStore> BucketStore::open_folder(const std::string& name) const {
  return std::unique_ptr<ObjectStore>(new BucketStore(uploader_, exclusive_, root_ + folder_path(name)));
}

TimeNs BucketStore::now(std::stop_token stop) const {
  throw_if_stopped(stop);
  require_exists(stop);
  return service().now(stop);
}

}  // namespace igudar
