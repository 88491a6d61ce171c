#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "concurrency/guarded.h"

namespace igudar {

// The files read last, kept open, least recently used first out. Thread-safe; a file handed out stays open for as
// long as its holder keeps it.
class OpenFileCache {
 public:
  using File = std::shared_ptr<const UniqueFd>;

  explicit OpenFileCache(std::size_t capacity) : capacity_(capacity) {}

  // nullptr when it is not here.
  File find(const std::string& id);
  void insert(const std::string& id, File file);
  void erase(const std::string& id);

 private:
  struct Entry {
    std::string id;
    File file;
  };
  std::size_t capacity_;
  Guarded<std::list<Entry>> entries_;  // the most recent in front; few enough for a linear search
};

}  // namespace igudar
