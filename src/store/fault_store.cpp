#include "store/fault_store.h"

#include <utility>

#include "base/translate.h"

namespace igudar {

namespace {

void run_if_any(const std::function<void()>& action) {
  if (action) action();
}

}  // namespace

class FaultStore::Writer final : public ObjectWriter {
 public:
  Writer(std::unique_ptr<ObjectWriter> inner, std::shared_ptr<Counter> counter)
      : inner_(std::move(inner)), counter_(std::move(counter)) {}

  void append(ByteView bytes, std::stop_token stop) override {
    const auto append_half = [&] { inner_->append(bytes.first(bytes.size() / 2), stop); };
    const auto publish_half = [&] {
      append_half();
      inner_->finish(Durability::durable, stop);
    };
    counter_->run([&] { inner_->append(bytes, stop); }, {.torn = append_half, .torn_visible = publish_half});
  }
  void finish(Durability durability, std::stop_token stop) override {
    // All content has gone to the inner writer: nothing is left to tear.
    counter_->run([&] { inner_->finish(durability, stop); }, {});
  }

 private:
  std::unique_ptr<ObjectWriter> inner_;
  std::shared_ptr<Counter> counter_;
};

void FaultStore::Counter::require_alive() const {
  if (crashed) throw SimulatedCrash{};
}

void FaultStore::Counter::fail(bool retryable) const {
  Error error(plan.code, tr("simulated failure of the storage"));
  if (retryable) error.as_retryable();
  throw error;
}

void FaultStore::Counter::crash() {
  crashed = true;
  throw SimulatedCrash{};
}

void FaultStore::Counter::run(const std::function<void()>& operation, const Instead& instead) {
  require_alive();
  const std::uint64_t number = ++operations;
  const bool hit = plan.at != 0 && number >= plan.at && number - plan.at < plan.count;
  if (!hit) return operation();
  switch (plan.kind) {
    case FaultKind::fail:
      fail(false);
    case FaultKind::fail_retryable:
      fail(true);
    case FaultKind::torn:
      run_if_any(instead.torn);
      fail(false);
    case FaultKind::torn_visible:
      run_if_any(instead.torn_visible);
      fail(false);
    case FaultKind::crash:
      run_if_any(instead.crash);
      crash();
    case FaultKind::crash_after:
      operation();
      crash();
    case FaultKind::lose_reply:
      operation();
      fail(true);
  }
}

FaultStore::FaultStore(std::shared_ptr<ObjectStore> inner, FaultPlan plan)
    : inner_(std::move(inner)), counter_(std::make_shared<Counter>()) {
  counter_->plan = std::move(plan);
}

void FaultStore::create(std::stop_token stop) {
  counter_->require_alive();
  inner_->create(stop);
}

void FaultStore::put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) {
  const ByteView half = content.first(content.size() / 2);
  counter_->run([&] { inner_->put(name, content, durability, stop); },
                {.torn = [&] { inner_->open_writer(name, stop)->append(half, stop); },
                 .torn_visible = [&] { inner_->put(name, half, durability, stop); },
                 .crash = {}});
}

std::unique_ptr<ObjectWriter> FaultStore::open_writer(const ObjectName& name, std::stop_token stop) {
  counter_->require_alive();
  return std::make_unique<Writer>(inner_->open_writer(name, stop), counter_);
}

void FaultStore::flush(std::stop_token stop) {
  const std::function<void()>& tear = counter_->plan.tear_flush;
  counter_->run([&] { inner_->flush(stop); }, {.torn = tear, .torn_visible = tear, .crash = tear});
}

void FaultStore::drop_deferred() noexcept {
  if (!crashed()) inner_->drop_deferred();
}

void FaultStore::remove(const ObjectName& name, std::stop_token stop) {
  counter_->run([&] { inner_->remove(name, stop); }, {});
}

void FaultStore::run_read(const std::function<void()>& operation) const {
  counter_->require_alive();
  if (!counter_->plan.count_reads) return operation();
  const auto truncated = [] { throw Error(ErrorCode::truncated, tr("simulated failure of the storage")); };
  counter_->run(operation, {.torn = truncated, .torn_visible = truncated});
}

Bytes FaultStore::get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const {
  Bytes content;
  run_read([&] { content = inner_->get(name, limit, stop); });
  return content;
}

void FaultStore::get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                           std::stop_token stop) const {
  run_read([&] { inner_->get_range(name, offset, out, stop); });
}

std::optional<ObjectInfo> FaultStore::stat(const ObjectName& name, std::stop_token stop) const {
  std::optional<ObjectInfo> info;
  run_read([&] { info = inner_->stat(name, stop); });
  return info;
}

std::vector<ObjectInfo> FaultStore::list(ObjectKind kind, std::stop_token stop) const {
  std::vector<ObjectInfo> found;
  run_read([&] { found = inner_->list(kind, stop); });
  return found;
}

std::unique_ptr<ObjectStore> FaultStore::open_folder(const std::string& name) const {
  return std::unique_ptr<ObjectStore>(new FaultStore(inner_->open_folder(name), counter_));
}

TimeNs FaultStore::now(std::stop_token stop) const {
  TimeNs time = 0;
  run_read([&] { time = inner_->now(stop); });
  return time;
}

}  // namespace igudar
