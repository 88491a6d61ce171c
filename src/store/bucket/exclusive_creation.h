#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "concurrency/guarded.h"
#include "store/bucket/object_service.h"

namespace igudar {

// The object that shows a place for a repository where there is no other yet.
constexpr const char* kMarkerKey = "igudar-storage.txt";

// Whether a service creates objects exclusively, as it was found out when the place was made: kMarkerKey says so, at
// the root of the repository. Thread-safe. Errors: those of the service.
class ExclusiveCreation {
 public:
  explicit ExclusiveCreation(std::shared_ptr<ObjectService> service) : service_(std::move(service)) {}

  // Puts the marker below `root`, and finds it out by that. Throws already_exists when somebody else has just put one.
  bool find_out(const std::string& root, const std::stop_token& stop);
  // Reads what is written, if anything is, so that known() need not ask.
  void look(const std::stop_token& stop);
  // What is known, is written, or where neither is so, is found out. Asked by several at once, one of them does it.
  bool known(const std::stop_token& stop);

 private:
  std::optional<bool> written(const std::stop_token& stop);
  bool try_it(const std::string& root, const std::stop_token& stop);

  std::shared_ptr<ObjectService> service_;
  Guarded<std::optional<bool>> known_;
};

}  // namespace igudar
