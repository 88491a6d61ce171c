#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/error.h"
#include "concurrency/guarded.h"
#include "concurrency/one_shot.h"
#include "concurrency/task_pool.h"
#include "store/bucket/object_service.h"

namespace igudar {

// What the uploads of a store share: the service, the threads that put parts, and the parts' memory, which is used
// again. Thread-safe.
class Uploader {
 public:
  Uploader(std::shared_ptr<ObjectService> service, unsigned parts_at_once);

  ObjectService& service() { return *service_; }
  TaskPool& pool() { return pool_; }
  // An empty buffer for a part.
  Buffer take_buffer();
  void give_back(Buffer buffer);

 private:
  std::shared_ptr<ObjectService> service_;
  Guarded<std::vector<Buffer>> buffers_;
  TaskPool pool_;  // the last: its tasks end before what they use
};

// An object on its way up in parts, each put as soon as it is full, several at once. The service is asked to begin when
// the first part is put; then it is also asked whether the name is taken, since completing an upload may replace what
// is there. Destroyed before complete(), what was uploaded is given up in the background.
//
// Not thread-safe.
class PartUpload {
 public:
  PartUpload(std::shared_ptr<Uploader> uploader, std::string key);
  ~PartUpload();

  // Takes the part over, and waits while as much as is allowed is under way. Throws the error of an earlier part.
  void add(Buffer part, std::stop_token stop);
  // Waits for all parts and makes them an object. Throws already_exists when the name was taken.
  void complete(std::stop_token stop);

  std::uint64_t size() const { return size_; }

 private:
  struct PartResult {
    std::string tag;
    std::optional<Error> error;
  };
  using Part = OneShot<PartResult>;
  // What the tasks share with this.
  struct Shared {
    Shared(Uploader& its_uploader, std::string its_key) : uploader(its_uploader), key(std::move(its_key)) {}

    Uploader& uploader;  // not owned: a task must not be the one who ends the pool that it runs in
    std::string key;
    std::stop_source stop;
    struct Begun {
      std::optional<Upload> upload;
      bool name_taken = false;
    };
    Guarded<Begun> begun;
    std::vector<std::shared_ptr<Part>> parts;

    Upload begin(const std::stop_token& stop_token);
    PartResult put(unsigned number, ByteView content, const std::stop_token& stop_token);
  };

  void take(PartResult result);

  std::shared_ptr<Uploader> uploader_;
  std::shared_ptr<Shared> shared_;
  std::vector<std::string> tags_;  // of the parts that were waited for
  std::uint64_t size_ = 0;
  bool completed_ = false;
};

}  // namespace igudar
