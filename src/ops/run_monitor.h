#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace igudar {

// How an operation tells what it is doing, and what went wrong without ending it.
//
// Thread safety: every method is called from any thread of the operation, possibly at once; implementations lock.
// They must be quick: they are called on the data path (at most once for each file or frame).
class RunMonitor {
 public:
  virtual ~RunMonitor() = default;

  // A new phase begins ("scanning", "restoring"): translated. The totals are 0 while unknown.
  virtual void phase(std::string_view /*name*/) {}
  virtual void totals(std::uint64_t /*items*/, std::uint64_t /*bytes*/) {}
  // Whether totals are worth a second look at the source, where they cannot be known otherwise.
  virtual bool wants_totals() const { return false; }
  // Work done since the last call.
  virtual void advance(std::uint64_t /*items*/, std::uint64_t /*bytes*/) {}
  // What is being worked on now.
  virtual void current(std::string_view /*path*/) {}
  // For --verbose: one item and what became of it ("new", "changed", "unchanged", "restored", "removed", …).
  virtual void item(std::string_view /*path*/, std::string_view /*what*/, std::uint64_t /*bytes*/) {}
  // A fact worth a line on the terminal, already translated.
  virtual void note(const std::string& /*text*/) {}
  // Something could not be done (a file could not be read, an object is damaged); the operation goes on.
  virtual void problem(std::string_view /*what*/, const Error& /*error*/) {}
};

}  // namespace igudar
