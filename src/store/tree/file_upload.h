#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "concurrency/bounded_queue.h"
#include "concurrency/guarded.h"
#include "concurrency/task_scope.h"
#include "store/retry.h"
#include "store/tree/remote_files.h"

namespace igudar {

// A temporary file at the server, and what is known of its bytes; removed at the end unless moved away. Not
// thread-safe.
class RemoteTemporary {
 public:
  RemoteTemporary() = default;
  RemoteTemporary(std::shared_ptr<RemoteFiles> files, std::string path)
      : files_(std::move(files)), path_(std::move(path)), lost_connections_(files_->lost_connections()) {}
  ~RemoteTemporary() { remove(); }
  RemoteTemporary(RemoteTemporary&& other) noexcept { swap(other); }
  RemoteTemporary& operator=(RemoteTemporary&& other) noexcept {
    swap(other);
    return *this;
  }

  const std::string& path() const { return path_; }
  bool is_published() const { return path_.empty(); }
  // The next bytes were handed over for writing.
  void add_block(ByteView bytes);
  // Makes what was written durable. A server that crashed since the first byte may have lost some of it and still have
  // the file: where a connection was lost, everything is read again and compared. Throws io.
  void make_durable(std::stop_token stop);
  void make_read_only(std::stop_token stop);
  // The whole content is about to be written by create().
  void set_whole(ByteView content, RemoteFiles::Persistence persistence);
  // Moves it to its name; may be called again where the answer to that was lost.
  RemoteFiles::Moved publish(const std::string& target, std::stop_token stop);
  void remove() noexcept;

 private:
  void swap(RemoteTemporary& other) noexcept;
  void require_size(std::uint64_t found) const;
  void compare_content(std::stop_token stop) const;
  bool equals(const std::string& target, std::stop_token stop) const;

  std::shared_ptr<RemoteFiles> files_;
  std::string path_;
  std::uint64_t lost_connections_ = 0;
  std::uint64_t size_ = 0;
  std::vector<std::uint64_t> sums_;  // of each kBlockBytes
  bool written_ = false;             // may be there
  bool durable_ = false;
  bool move_in_doubt_ = false;
};

// Writes a temporary file in blocks over several connections at once: one block is on its way on each, few wait, so
// that a distant server is kept busy and memory stays bounded. A block whose connection is lost is written again over
// another. Not thread-safe.
class FileUpload {
 public:
  static constexpr std::size_t kBlockBytes = std::size_t{2} << 20;

  FileUpload(std::shared_ptr<RemoteFiles> files, std::string path, const Retry& retry, std::stop_token stop);

  void append(ByteView bytes, std::stop_token stop);
  // Returns once the server has all of it.
  RemoteTemporary finish(RemoteFiles::Persistence persistence, std::stop_token stop);

 private:
  struct Block {
    std::uint64_t offset = 0;
    Buffer bytes;
  };
  void hand_over(const std::stop_token& stop);
  void write_blocks(const std::stop_token& stop);
  Buffer spare_buffer();
  RemoteTemporary create_whole(RemoteFiles::Persistence persistence, const std::stop_token& stop);

  std::shared_ptr<RemoteFiles> files_;
  const Retry& retry_;
  RemoteTemporary temporary_;
  Buffer gathered_;
  std::uint64_t handed_over_ = 0;
  unsigned threads_ = 0;
  Guarded<std::vector<Buffer>> spare_;
  BoundedQueue<Block> blocks_{kBlockBytes};
  TaskScope scope_;  // last: its threads end before what they use
};

}  // namespace igudar
