#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/object_store.h"
#include "store/retry.h"

namespace igudar {

// Tries operations that failed with a retryable Error again, as Retry does.
//
// A put() whose reply got lost finds its own object when repeated: equal content then counts as done. (To see a
// deferred object for that, it flushes the store.)
// Writers are passed through: a stream cannot be replayed, so an Error of append() or finish() reaches the caller, who
// begins the object anew. create() is passed through as well.
//
// Thread safety: every method may be called concurrently.
class RetryingStore final : public ObjectStore {
 public:
  explicit RetryingStore(std::shared_ptr<ObjectStore> inner, RetryPolicy policy = {});

  StoreTraits traits() const override { return inner_->traits(); }
  bool creates_exclusively(std::stop_token stop) override;
  std::string location() const override { return inner_->location(); }
  void create(std::stop_token stop) override { inner_->create(std::move(stop)); }
  void put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) override;
  std::unique_ptr<ObjectWriter> open_writer(const ObjectName& name, std::stop_token stop) override;
  void flush(std::stop_token stop) override;
  void drop_deferred() noexcept override { inner_->drop_deferred(); }
  Bytes get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const override;
  void get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                 std::stop_token stop) const override;
  std::optional<ObjectInfo> stat(const ObjectName& name, std::stop_token stop) const override;
  std::vector<ObjectInfo> list(ObjectKind kind, std::stop_token stop) const override;
  void remove(const ObjectName& name, std::stop_token stop) override;
  std::unique_ptr<ObjectStore> open_folder(const std::string& name) const override;
  TimeNs now(std::stop_token stop) const override;

 private:
  bool holds(const ObjectName& name, ByteView content, const std::stop_token& stop) const;

  std::shared_ptr<ObjectStore> inner_;
  Retry retry_;
};

}  // namespace igudar
