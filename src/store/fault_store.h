#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "store/object_store.h"

namespace igudar {

// Thrown by FaultStore at a simulated crash. Not an Error, so that no code that deals with errors takes it for one.
struct SimulatedCrash {};

enum class FaultKind {
  fail,            // nothing happens; Error(code)
  fail_retryable,  // the same, retryable
  torn,            // a part arrives where nobody sees it (put, append) or is missing (get); Error(code)
  torn_visible,    // for storages without atomic put: half of the object (of what was appended) shows under its name
  crash,           // nothing happens, SimulatedCrash; so throws every operation from then on
  crash_after,     // the operation is done, then the same
  lose_reply       // the operation is done, but a retryable Error(code) says that it failed
};

struct FaultPlan {
  std::uint64_t at = 0;     // the number of the first operation hit, counted from 1; 0: none
  std::uint64_t count = 1;  // how many operations in a row are hit
  FaultKind kind = FaultKind::fail;
  ErrorCode code = ErrorCode::io;
  bool count_reads = false;  // get, get_range, stat, list and now count and are hit, too
  // What a flush that tears or crashes leaves, for instance [&] { memory->flush_some(1); }; nothing when empty.
  std::function<void()> tear_flush{};
};

// A store that fails, tears or crashes at operation N. Operations are put, each append and finish of a writer, flush
// and remove, and reads where the plan says so; create and open_writer are not counted.
//
// After a crash, MemoryStore::after_crash() of the inner store is what a new process would find.
//
// Thread safety: every method may be called concurrently; which operation is the Nth then depends on timing.
class FaultStore final : public ObjectStore {
 public:
  FaultStore(std::shared_ptr<ObjectStore> inner, FaultPlan plan);

  // The operations counted so far.
  std::uint64_t operations() const { return counter_->operations; }
  bool crashed() const { return counter_->crashed; }

  StoreTraits traits() const override { return inner_->traits(); }
  bool creates_exclusively(std::stop_token stop) override { return inner_->creates_exclusively(stop); }
  std::string location() const override { return inner_->location(); }
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
  // What happens in place of an operation; nothing when empty.
  struct Instead {
    std::function<void()> torn{};
    std::function<void()> torn_visible{};
    std::function<void()> crash{};
  };
  // Counts operations and strikes. Shared with the writers.
  struct Counter {
    FaultPlan plan;
    std::atomic<std::uint64_t> operations{0};
    std::atomic<bool> crashed{false};

    void require_alive() const;
    // Runs `operation` as the plan has it; `instead` is what happens when it tears or crashes.
    void run(const std::function<void()>& operation, const Instead& instead);
    [[noreturn]] void fail(bool retryable) const;
    [[noreturn]] void crash();
  };
  void run_read(const std::function<void()>& operation) const;

  FaultStore(std::shared_ptr<ObjectStore> inner, std::shared_ptr<Counter> counter)
      : inner_(std::move(inner)), counter_(std::move(counter)) {}

  std::shared_ptr<ObjectStore> inner_;
  std::shared_ptr<Counter> counter_;
};

}  // namespace igudar
