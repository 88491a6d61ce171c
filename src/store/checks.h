#pragma once

#include <stop_token>

#include "store/object_store.h"

namespace igudar {

// What every store checks before it acts. Thread-safe.

// Throws Error(interrupted) once a stop is requested.
void throw_if_stopped(const std::stop_token& stop);
// Throws Error(failed) when `name` may not name an object: a mistake of the caller, never of the user.
void require_valid(const ObjectName& name);
// Errors that every store words alike. `location` is ObjectStore::location().
[[noreturn]] void throw_already_exists(const ObjectName& name, const std::string& location);
[[noreturn]] void throw_not_found(const ObjectName& name, const std::string& location);
[[noreturn]] void throw_over_limit(const ObjectName& name, const std::string& location, std::uint64_t size,
                                   std::uint64_t limit);
[[noreturn]] void throw_truncated(const ObjectName& name, const std::string& location, std::uint64_t wanted_end);

}  // namespace igudar
