#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/object_store.h"

namespace igudar::testing {

// Passes everything on to another store, which it shares: what stores of tests derive from that look on or step in.
// Thread-safe.
class ForwardingStore : public ObjectStore {
 public:
  explicit ForwardingStore(std::shared_ptr<ObjectStore> inner) : inner_(std::move(inner)) {}

  StoreTraits traits() const override { return inner_->traits(); }
  bool creates_exclusively(std::stop_token stop) override { return inner_->creates_exclusively(stop); }
  std::string location() const override { return inner_->location(); }
  void create(std::stop_token stop) override { inner_->create(stop); }
  void put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) override {
    inner_->put(name, content, durability, stop);
  }
  std::unique_ptr<ObjectWriter> open_writer(const ObjectName& name, std::stop_token stop) override {
    return inner_->open_writer(name, stop);
  }
  void flush(std::stop_token stop) override { inner_->flush(stop); }
  void drop_deferred() noexcept override { inner_->drop_deferred(); }
  Bytes get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const override {
    return inner_->get(name, limit, stop);
  }
  void get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                 std::stop_token stop) const override {
    inner_->get_range(name, offset, out, stop);
  }
  std::optional<ObjectInfo> stat(const ObjectName& name, std::stop_token stop) const override {
    return inner_->stat(name, stop);
  }
  std::vector<ObjectInfo> list(ObjectKind kind, std::stop_token stop) const override {
    return inner_->list(kind, stop);
  }
  void remove(const ObjectName& name, std::stop_token stop) override { inner_->remove(name, stop); }
  std::unique_ptr<ObjectStore> open_folder(const std::string& name) const override { return inner_->open_folder(name); }
  TimeNs now(std::stop_token stop) const override { return inner_->now(stop); }

 private:
  std::shared_ptr<ObjectStore> inner_;
};

}  // namespace igudar::testing
