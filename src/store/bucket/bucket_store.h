#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "concurrency/guarded.h"
#include "store/bucket/exclusive_creation.h"
#include "store/bucket/object_service.h"
#include "store/bucket/part_upload.h"
#include "store/object_store.h"

namespace igudar {

// Repository objects in a bucket, under the paths of object_path(). Small ones are put in one request; what comes
// through a writer goes up in parts while it is written, and a deferred one is completed by flush(). Besides the
// objects there is "igudar-storage.txt", which create() makes: that a place without objects is one for a repository
// shows in it, and whether the service creates exclusively, as it was found out then.
//
// Thread safety: every method may be called concurrently. Writers must end before the store.
// Errors: as ObjectStore says; what passes was tried again by the service, so that no error is retryable.
// Memory: at most `parts_at_once` + 1 parts and one for each writer, and a few small deferred objects.
class BucketStore final : public ObjectStore {
 public:
  BucketStore(std::shared_ptr<ObjectService> service, unsigned parts_at_once);
  ~BucketStore() override;

  StoreTraits traits() const override;
  bool creates_exclusively(std::stop_token stop) override;
  std::string location() const override;
  void create(std::stop_token stop) override;
  void put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) override;
  std::unique_ptr<ObjectWriter> open_writer(const ObjectName& name, std::stop_token stop) override;
  void flush(std::stop_token stop) override;
  void drop_deferred() noexcept override;
  Bytes get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const override;
  void get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                 std::stop_token stop) const override;
  std::optional<ObjectInfo> stat(const ObjectName& name, std::stop_token stop) const override;
  std::vector<ObjectInfo> list(ObjectKind kind, std::stop_token stop) const override;
  void remove(const ObjectName& name, std::stop_token stop) override;
  std::unique_ptr<ObjectStore> open_folder(const std::string& name) const override;
  TimeNs now(std::stop_token stop) const override;

 private:
  class Writer;
  // An object that flush() is to publish: small, or uploaded and not completed.
  struct Deferred {
    Bytes content;
    std::unique_ptr<PartUpload> upload;
  };
  using DeferredObjects = std::map<ObjectName, std::shared_ptr<Deferred>>;
  struct FlushTurn {
    bool stale_aborted = false;
  };

  BucketStore(std::shared_ptr<Uploader> uploader, std::shared_ptr<ExclusiveCreation> exclusive, std::string root)
      : uploader_(std::move(uploader)), exclusive_(std::move(exclusive)), root_(std::move(root)) {}

  ObjectService& service() const { return uploader_->service(); }
  std::string key_of(const ObjectName& name) const;
  std::string marker_key() const;
  // Whether create() was called for this place once, or objects were copied to it.
  bool exists(const std::stop_token& stop) const;
  void require_exists(const std::stop_token& stop) const;
  void look_in_background() const;
  void put_now(const ObjectName& name, ByteView content, const std::stop_token& stop);
  void defer(const ObjectName& name, Deferred object);
  void abort_stale_uploads(const std::stop_token& stop);
  void publish(const ObjectName& name, Deferred& object, const std::stop_token& stop);

  std::shared_ptr<Uploader> uploader_;
  std::shared_ptr<ExclusiveCreation> exclusive_;
  std::string root_;  // "" or "domains/NAME/"
  mutable std::atomic<bool> exists_{false};
  Guarded<DeferredObjects> deferred_;
  Guarded<FlushTurn>
      flush_turn_;  // held by the one who flushes: none returns while another still publishes its objects
};

}  // namespace igudar
