#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "concurrency/guarded.h"
#include "store/object_store.h"

namespace igudar {

// Whether volatile objects are found again after a crash: both happen.
enum class VolatileFate { lost, kept };

// Objects in memory, for tests: the promises of ObjectStore to the letter, and the power to look at what a crash
// would leave. Thread-safe.
class MemoryStore final : public ObjectStore {
 public:
  MemoryStore() = default;

  StoreTraits traits() const override { return {}; }
  std::string location() const override { return "memory"; }
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

  // A new store that holds what survives a crash of this one at this moment: nothing deferred. The clock goes along.
  std::unique_ptr<MemoryStore> after_crash(VolatileFate fate) const;
  // Stops the storage's clock at `time`; until then it is the machine's.
  void set_now(TimeNs time);
  // Publishes the first `count` deferred objects by name: what a flush that a crash cut short leaves.
  void flush_some(std::size_t count);

 private:
  class Writer;
  using Content = std::shared_ptr<const Bytes>;
  struct Object {
    Content content;
    TimeNs stored_at = 0;
    bool survives_crash = true;
  };
  struct State {
    bool created = false;
    std::optional<TimeNs> now;
    std::map<ObjectName, Object> visible;
    std::map<ObjectName, Content> deferred;
    std::map<std::string, std::shared_ptr<Guarded<State>>> folders;

    TimeNs time() const { return now ? *now : wall_clock_ns(); }
  };

  void store(const ObjectName& name, Content content, Durability durability);
  Object find(const ObjectName& name) const;

  explicit MemoryStore(std::shared_ptr<Guarded<State>> state) : state_(std::move(state)) {}
  static State left_by_crash(const State& state, VolatileFate fate);

  std::shared_ptr<Guarded<State>> state_ = std::make_shared<Guarded<State>>();
};

}  // namespace igudar
