#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

#include "store/object_store.h"

namespace igudar {

// How many threads read and work on what they read: one for each processor, and more where most of them wait for a
// storage that is far. Thread-safe.
unsigned reader_threads(const ObjectStore& store);

// Runs ask(i) for each i in [0, count): several at once where a round trip to the storage is dear, else one after
// another. The first exception stops the rest and is rethrown.
void ask_side_by_side(const ObjectStore& store, std::size_t count, std::stop_token stop,
                      const std::function<void(std::size_t)>& ask);

}  // namespace igudar
