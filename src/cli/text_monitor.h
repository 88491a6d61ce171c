#pragma once

#include "cli/monitors.h"

namespace igudar {

// Tells a run as lines: problems always, notes unless quiet, items with --verbose. Thread-safe.
class TextMonitor : public CommandMonitor {
 public:
  explicit TextMonitor(Console& console) : console_(console) {}

  void item(std::string_view path, std::string_view what, std::uint64_t bytes) override;
  void note(const std::string& text) override;
  void problem(std::string_view what, const Error& error) override;

 protected:
  Console& console() { return console_; }

 private:
  Console& console_;
};

}  // namespace igudar
