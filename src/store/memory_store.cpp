#include "store/memory_store.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/translate.h"
#include "store/checks.h"

namespace igudar {

class MemoryStore::Writer final : public ObjectWriter {
 public:
  Writer(MemoryStore& store, ObjectName name) : store_(store), name_(std::move(name)) {}

  void append(ByteView bytes, std::stop_token stop) override {
    throw_if_stopped(stop);
    igudar::append(content_, bytes);
  }
  void finish(Durability durability, std::stop_token stop) override {
    throw_if_stopped(stop);
    store_.store(name_, std::make_shared<const Bytes>(std::move(content_)), durability);
  }

 private:
  MemoryStore& store_;
  ObjectName name_;
  Bytes content_;
};

void MemoryStore::create(std::stop_token stop) {
  throw_if_stopped(stop);
  state_->with([&](State& state) {
    if (state.created) throw Error(ErrorCode::already_exists, trf("{} holds something already", location()));
    state.created = true;
  });
}

void MemoryStore::store(const ObjectName& name, Content content, Durability durability) {
  state_->with([&](State& state) {
    if (!state.created) throw_not_found(name, location());
    if (state.visible.contains(name) || state.deferred.contains(name)) throw_already_exists(name, location());
    if (durability == Durability::deferred)
      state.deferred.emplace(name, std::move(content));
    else
      state.visible.emplace(name, Object{std::move(content), state.time(), durability == Durability::durable});
  });
}

void MemoryStore::put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) {
  throw_if_stopped(stop);
  require_valid(name);
  store(name, std::make_shared<const Bytes>(copy_of(content)), durability);
}

std::unique_ptr<ObjectWriter> MemoryStore::open_writer(const ObjectName& name, std::stop_token stop) {
  throw_if_stopped(stop);
  require_valid(name);
  return std::make_unique<Writer>(*this, name);
}

void MemoryStore::flush(std::stop_token stop) {
  throw_if_stopped(stop);
  flush_some(std::numeric_limits<std::size_t>::max());
}

void MemoryStore::drop_deferred() noexcept {
  state_->with([](State& state) { state.deferred.clear(); });
}

void MemoryStore::flush_some(std::size_t count) {
  state_->with([&](State& state) {
    for (; count > 0 && !state.deferred.empty(); --count) {
      auto first = state.deferred.extract(state.deferred.begin());
      state.visible.emplace(first.key(), Object{std::move(first.mapped()), state.time(), true});
    }
  });
}

MemoryStore::Object MemoryStore::find(const ObjectName& name) const {
  require_valid(name);
  return state_->with([&](const State& state) {
    const auto found = state.visible.find(name);
    if (found == state.visible.end()) throw_not_found(name, location());
    return found->second;
  });
}

Bytes MemoryStore::get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const {
  throw_if_stopped(stop);
  const Object object = find(name);
  if (object.content->size() > limit) throw_over_limit(name, location(), object.content->size(), limit);
  return *object.content;
}

void MemoryStore::get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                            std::stop_token stop) const {
  throw_if_stopped(stop);
  const Object object = find(name);
  const Bytes& content = *object.content;
  if (out.empty()) return;
  if (offset > content.size() || out.size() > content.size() - offset)
    throw_truncated(name, location(), offset + out.size());
  std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
}

std::optional<ObjectInfo> MemoryStore::stat(const ObjectName& name, std::stop_token stop) const {
  throw_if_stopped(stop);
  require_valid(name);
  return state_->with([&](const State& state) -> std::optional<ObjectInfo> {
    const auto found = state.visible.find(name);
    if (found == state.visible.end()) return std::nullopt;
    return ObjectInfo{name, found->second.content->size(), found->second.stored_at};
  });
}

std::vector<ObjectInfo> MemoryStore::list(ObjectKind kind, std::stop_token stop) const {
  throw_if_stopped(stop);
  return state_->with([&](const State& state) {
    if (!state.created) throw Error(ErrorCode::not_found, trf("cannot open {}", location()));
    std::vector<ObjectInfo> found;
    for (auto i = state.visible.lower_bound({kind, {}}); i != state.visible.end() && i->first.kind == kind; ++i)
      found.push_back({i->first, i->second.content->size(), i->second.stored_at});
    return found;
  });
}

void MemoryStore::remove(const ObjectName& name, std::stop_token stop) {
  throw_if_stopped(stop);
  require_valid(name);
  state_->with([&](State& state) { state.visible.erase(name); });
}

TimeNs MemoryStore::now(std::stop_token stop) const {
  throw_if_stopped(stop);
  return state_->with([&](const State& state) {
    if (!state.created) throw Error(ErrorCode::not_found, trf("cannot open {}", location()));
    return state.time();
  });
}

std::unique_ptr<ObjectStore> MemoryStore::open_folder(const std::string& name) const {
  return state_->with([&](State& state) {
    std::shared_ptr<Guarded<State>>& folder = state.folders[name];
    if (!folder) folder = std::make_shared<Guarded<State>>();
    return std::unique_ptr<ObjectStore>(new MemoryStore(folder));
  });
}

MemoryStore::State MemoryStore::left_by_crash(const State& state, VolatileFate fate) {
  State left = state;
  left.deferred.clear();
  std::erase_if(left.visible,
                [&](const auto& object) { return fate == VolatileFate::lost && !object.second.survives_crash; });
  for (auto& [name, folder] : left.folders)
    folder =
        std::make_shared<Guarded<State>>(folder->with([&](const State& inner) { return left_by_crash(inner, fate); }));
  return left;
}

std::unique_ptr<MemoryStore> MemoryStore::after_crash(VolatileFate fate) const {
  State left = state_->with([&](const State& state) { return left_by_crash(state, fate); });
  return std::unique_ptr<MemoryStore>(new MemoryStore(std::make_shared<Guarded<State>>(std::move(left))));
}

void MemoryStore::set_now(TimeNs time) {
  state_->with([&](State& state) { state.now = time; });
}

}  // namespace igudar
