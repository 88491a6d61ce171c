#pragma once

#include <stdexcept>
#include <string>

#include "concurrency/guarded.h"
#include "ops/run_monitor.h"
#include "tree_state.h"

namespace igudar::testing {

// What is not as it should be; ends a history.
class Wrong : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void require(bool true_now, const std::string& what) {
  if (!true_now) throw Wrong(what);
}

// Gathers what an operation reports.
class Problems final : public RunMonitor {
 public:
  void problem(std::string_view what, const Error& error) override {
    texts_.with([&](std::string& all) { all += "  " + shown(std::string(what)) + ": " + error.what() + "\n"; });
  }
  std::string texts() const {
    return texts_.with([](const std::string& all) { return all; });
  }

 private:
  Guarded<std::string> texts_;
};

}  // namespace igudar::testing
