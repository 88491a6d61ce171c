#include "store/retrying_store.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/error.h"
#include "store/checks.h"

namespace igudar {

namespace {

void sleep_unless_stopped(std::chrono::milliseconds duration, const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kSlice{50};
  for (; duration.count() > 0 && !stop.stop_requested(); duration -= kSlice) {
    const auto slice = std::min(duration, kSlice);
    const timespec wait{0, static_cast<long>(slice.count()) * 1'000'000};
    (void)::nanosleep(&wait, nullptr);
  }
}

}  // namespace

RetryingStore::RetryingStore(std::shared_ptr<ObjectStore> inner, RetryPolicy policy)
    : inner_(std::move(inner)), policy_(std::move(policy)), random_(std::minstd_rand(std::random_device{}())) {
  if (!policy_.sleep) policy_.sleep = sleep_unless_stopped;
}

void RetryingStore::wait_before(unsigned retry_number, const std::stop_token& stop) const {
  auto delay = policy_.first_delay;
  for (unsigned i = 1; i < retry_number && delay < policy_.longest_delay; ++i) delay *= 2;
  delay = std::min(delay, policy_.longest_delay);
  std::uniform_int_distribution<std::chrono::milliseconds::rep> less(0, delay.count() / 2);
  delay -= std::chrono::milliseconds(random_.with([&](std::minstd_rand& random) { return less(random); }));
  policy_.sleep(delay, stop);
  throw_if_stopped(stop);
}

void RetryingStore::retry(const std::stop_token& stop, const std::function<void()>& attempt) const {
  for (unsigned failures = 0;;) {
    try {
      return attempt();
    } catch (const Error& error) {
      if (!error.retryable() || failures == policy_.retries) throw;
    }
    wait_before(++failures, stop);
  }
}

bool RetryingStore::holds(const ObjectName& name, ByteView content, const std::stop_token& stop) const {
  const auto info = stat(name, stop);
  return info && info->size == content.size() && equal(get(name, content.size(), stop), content);
}

void RetryingStore::put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) {
  bool repeated = false;
  retry(stop, [&] {
    try {
      inner_->put(name, content, durability, stop);
    } catch (const Error& error) {
      if (!std::exchange(repeated, true) || error.code() != ErrorCode::already_exists) throw;
      if (durability == Durability::deferred) inner_->flush(stop);
      if (!holds(name, content, stop)) throw;
    }
  });
}

std::unique_ptr<ObjectWriter> RetryingStore::open_writer(const ObjectName& name, std::stop_token stop) {
  std::unique_ptr<ObjectWriter> writer;
  retry(stop, [&] { writer = inner_->open_writer(name, stop); });
  return writer;
}

void RetryingStore::flush(std::stop_token stop) {
  retry(stop, [&] { inner_->flush(stop); });
}

Bytes RetryingStore::get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const {
  Bytes content;
  retry(stop, [&] { content = inner_->get(name, limit, stop); });
  return content;
}

void RetryingStore::get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                              std::stop_token stop) const {
  retry(stop, [&] { inner_->get_range(name, offset, out, stop); });
}

std::optional<ObjectInfo> RetryingStore::stat(const ObjectName& name, std::stop_token stop) const {
  std::optional<ObjectInfo> info;
  retry(stop, [&] { info = inner_->stat(name, stop); });
  return info;
}

std::vector<ObjectInfo> RetryingStore::list(ObjectKind kind, std::stop_token stop) const {
  std::vector<ObjectInfo> found;
  retry(stop, [&] { found = inner_->list(kind, stop); });
  return found;
}

void RetryingStore::remove(const ObjectName& name, std::stop_token stop) {
  retry(stop, [&] { inner_->remove(name, stop); });
}

std::unique_ptr<ObjectStore> RetryingStore::open_folder(const std::string& name) const {
  return std::make_unique<RetryingStore>(inner_->open_folder(name), policy_);
}

TimeNs RetryingStore::now(std::stop_token stop) const {
  TimeNs time = 0;
  retry(stop, [&] { time = inner_->now(stop); });
  return time;
}

}  // namespace igudar
