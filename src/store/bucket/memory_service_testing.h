#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "concurrency/guarded.h"
#include "store/bucket/object_service.h"

namespace igudar::testing {

// How a service answers when asked to create an object that must not exist yet.
enum class ExclusivePut {
  honoured,  // it refuses, also between two at once
  ignored,   // it replaces without a word
  refused    // it does not know the condition, and says so
};

// A bucket in memory, with small parts and pages, so that little data shows much. Thread-safe.
class MemoryService final : public ObjectService {
  struct Object {
    Bytes content;
    TimeNs stored_at = 0;
  };
  struct Begun {
    std::string key;
    TimeNs begun_at = 0;
    std::map<unsigned, Bytes> parts;
  };
  struct State {
    std::map<std::string, Object> objects;
    std::map<std::string, Begun> uploads;
    std::map<std::string, std::size_t> requests;
    int last_upload = 0;
  };

  template <typename Action>
  auto with(const std::string& request, const std::string& key, const std::stop_token& stop, Action&& action) {
    if (stop.stop_requested()) throw Error(ErrorCode::interrupted, "stopped");
    if (before) before(request, key);
    return state_.with([&](State& state) {
      ++state.requests[request];
      return action(state);
    });
  }

 public:
  explicit MemoryService(ExclusivePut exclusive = ExclusivePut::honoured, std::size_t part_size = 64 << 10)
      : exclusive_(exclusive), part_size_(part_size) {}

  // Called before each request with its name ("put_part") and key; what it throws is the request's failure.
  std::function<void(const std::string& request, const std::string& key)> before;

  // The bucket's clock.
  std::atomic<TimeNs> time{TimeNs{1'800'000'000} * kNsPerSecond};

  std::set<std::string> keys() const {
    return state_.with([](const State& state) {
      std::set<std::string> keys;
      for (const auto& [key, object] : state.objects) keys.insert(key);
      return keys;
    });
  }
  std::size_t uploads() const {
    return state_.with([](const State& state) { return state.uploads.size(); });
  }
  std::size_t requests(const std::string& name) const {
    return state_.with([&](const State& state) {
      const auto found = state.requests.find(name);
      return found == state.requests.end() ? 0 : found->second;
    });
  }

  std::string location() const override { return "memory"; }
  void put(const std::string& key, ByteView content, PutCondition condition, std::stop_token stop) override {
    with("put", key, stop, [&](State& state) {
      if (condition == PutCondition::absent && exclusive_ == ExclusivePut::refused)
        throw Error(ErrorCode::unsupported, "conditions are not known");
      if (condition == PutCondition::absent && exclusive_ == ExclusivePut::honoured && state.objects.contains(key))
        throw Error(ErrorCode::already_exists, key + " exists");
      state.objects[key] = {copy_of(content), time};
    });
  }
  std::optional<Bytes> get(const std::string& key, std::uint64_t limit, std::stop_token stop) override {
    return with("get", key, stop, [&](State& state) -> std::optional<Bytes> {
      const auto found = state.objects.find(key);
      if (found == state.objects.end()) return std::nullopt;
      if (found->second.content.size() > limit) throw Error(ErrorCode::damaged, key + " is too large");
      return found->second.content;
    });
  }
  std::optional<std::size_t> get_range(const std::string& key, std::uint64_t offset, MutableByteView out,
                                       std::stop_token stop) override {
    return with("get_range", key, stop, [&](State& state) -> std::optional<std::size_t> {
      const auto found = state.objects.find(key);
      if (found == state.objects.end()) return std::nullopt;
      if (offset >= found->second.content.size()) return 0;
      const ByteView there = ByteView(found->second.content).subspan(offset);
      const std::size_t taken = std::min(there.size(), out.size());
      std::copy_n(there.begin(), taken, out.begin());
      return taken;
    });
  }
  std::optional<ServiceObject> head(const std::string& key, std::stop_token stop) override {
    return with("head", key, stop, [&](State& state) -> std::optional<ServiceObject> {
      const auto found = state.objects.find(key);
      if (found == state.objects.end()) return std::nullopt;
      return ServiceObject{key, found->second.content.size(), found->second.stored_at};
    });
  }
  ListPage list(const std::string& prefix, const std::string& next, std::stop_token stop) override {
    return with("list", prefix, stop, [&](State& state) {
      constexpr std::size_t kPage = 10;
      ListPage page;
      for (auto at = state.objects.lower_bound(std::max(prefix, next)); at != state.objects.end(); ++at) {
        if (!at->first.starts_with(prefix)) break;
        if (page.objects.size() == kPage) {
          page.next = at->first;
          break;
        }
        page.objects.push_back({at->first, at->second.content.size(), at->second.stored_at});
      }
      return page;
    });
  }
  void remove(const std::string& key, std::stop_token stop) override {
    with("remove", key, stop, [&](State& state) { state.objects.erase(key); });
  }

  std::size_t part_size() const override { return part_size_; }
  Upload begin_upload(const std::string& key, std::stop_token stop) override {
    return with("begin_upload", key, stop, [&](State& state) {
      const Upload upload{key, std::to_string(++state.last_upload)};
      state.uploads[upload.id] = {key, time, {}};
      return upload;
    });
  }
  std::string put_part(const Upload& upload, unsigned number, ByteView content, std::stop_token stop) override {
    return with("put_part", upload.key, stop, [&](State& state) {
      state.uploads.at(upload.id).parts[number] = copy_of(content);
      return "tag " + std::to_string(number);
    });
  }
  void complete(const Upload& upload, const std::vector<std::string>& parts, std::uint64_t size,
                std::stop_token stop) override {
    with("complete", upload.key, stop, [&](State& state) {
      Bytes whole;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] != "tag " + std::to_string(i + 1)) throw Error(ErrorCode::failed, "a part is named wrongly");
        const Bytes& part = state.uploads.at(upload.id).parts.at(static_cast<unsigned>(i + 1));
        if (i + 1 < parts.size() && part.size() != part_size_) throw Error(ErrorCode::failed, "a part is too small");
        append(whole, part);
      }
      if (whole.size() != size) throw Error(ErrorCode::failed, "the parts are not the whole");
      state.objects[upload.key] = {std::move(whole), time};
      state.uploads.erase(upload.id);
    });
  }
  void abort(const Upload& upload, std::stop_token stop) override {
    with("abort", upload.key, stop, [&](State& state) { state.uploads.erase(upload.id); });
  }
  std::vector<Upload> unfinished_uploads(TimeNs before_time, std::stop_token stop) override {
    return with("unfinished_uploads", "", stop, [&](State& state) {
      std::vector<Upload> found;
      for (const auto& [id, begun] : state.uploads)
        if (begun.begun_at < before_time) found.push_back({begun.key, id});
      return found;
    });
  }
  TimeNs now(std::stop_token stop) override {
    return with("now", "", stop, [&](State&) { return TimeNs{time}; });
  }

 private:
  const ExclusivePut exclusive_;
  const std::size_t part_size_;
  Guarded<State> state_;
};

}  // namespace igudar::testing
