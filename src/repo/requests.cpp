#include "repo/requests.h"

#include <algorithm>

#include "concurrency/task_scope.h"

namespace igudar {

namespace {
constexpr unsigned kAtOnce = 8;
}  // namespace

unsigned reader_threads(const ObjectStore& store) {
  return store.traits().network ? std::max(kAtOnce, available_processors()) : available_processors();
}

void ask_side_by_side(const ObjectStore& store, std::size_t count, std::stop_token stop,
                      const std::function<void(std::size_t)>& ask) {
  if (count > 1 && store.traits().network) return parallel_for(count, kAtOnce, std::move(stop), ask);
  for (std::size_t i = 0; i < count; ++i) ask(i);
}

}  // namespace igudar
