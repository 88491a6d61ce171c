#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "cli/monitors.h"
#include "concurrency/guarded.h"

namespace igudar {

// Tells a run as JSON lines (docs/json.md): status at most once a second, notes, problems, and items with --verbose.
// Thread-safe.
class JsonMonitor : public CommandMonitor {
 public:
  explicit JsonMonitor(Console& console);

  void phase(std::string_view name) override;
  void totals(std::uint64_t items, std::uint64_t bytes) override;
  void advance(std::uint64_t items, std::uint64_t bytes) override;
  void current(std::string_view path) override;
  void item(std::string_view path, std::string_view what, std::uint64_t bytes) override;
  void note(const std::string& text) override;
  void problem(std::string_view what, const Error& error) override;

 private:
  struct Work {
    std::string phase;
    std::string current;
  };

  void write_status(std::chrono::nanoseconds now);

  Console& console_;
  const std::chrono::nanoseconds started_;
  std::atomic<std::uint64_t> items_done_{0};
  std::atomic<std::uint64_t> bytes_done_{0};
  std::atomic<std::uint64_t> items_total_{0};
  std::atomic<std::uint64_t> bytes_total_{0};
  std::atomic<std::int64_t> next_status_;  // steady clock, ns
  Guarded<Work> work_;
};

}  // namespace igudar
