#pragma once

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "concurrency/guarded.h"

namespace igudar {

class TemporaryFolder;

// A file being written in a TemporaryFolder, open for writing, mode 0400; removed at the end unless published.
// Not thread-safe.
class TemporaryFile {
 public:
  TemporaryFile() = default;
  ~TemporaryFile() { remove(); }
  TemporaryFile(TemporaryFile&& other) noexcept { swap(other); }
  TemporaryFile& operator=(TemporaryFile&& other) noexcept {
    swap(other);
    return *this;
  }

  int fd() const { return fd_.get(); }
  bool is_open() const { return fd_.valid(); }
  bool is_published() const { return name_.empty(); }
  // Gives the descriptor back; the file stays and can still be published.
  void close() { fd_.reset(); }
  // Moves the file to a name that must be free. 0, or an errno value (EEXIST when taken).
  int publish(int target_folder, const std::string& target_name);

 private:
  friend class TemporaryFolder;
  void remove();
  void swap(TemporaryFile& other) noexcept;

  std::shared_ptr<const UniqueFd> folder_;
  std::string name_;
  UniqueFd fd_;
};

// The folder where files are written before they get their name: root/tmp.
//
// Files are named HOST-SESSION.N. A session is one TemporaryFolder object: while it lives it holds a lock (flock) on
// HOST-SESSION.lock, so that the files of a crashed writer are recognised at once. HOST is a hash of the host's name:
// not every network file system carries locks between hosts, so of another host's files, and of those nobody could
// lock, only the ones last written over 24 hours ago count as left behind.
//
// Thread safety: all methods may be called concurrently. Files must not outlive the folder's session.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::shared_ptr<const UniqueFd> folder);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  int fd() const { return folder_->get(); }
  // Makes a new empty file. 0, or an errno value.
  int create_file(TemporaryFile& created);
  // Removes what dead sessions left. Best effort: what cannot be removed now is left for the next time.
  void remove_stale();

 private:
  struct Session {
    std::string name;
    UniqueFd lock;
  };
  int start_session(Session& session);
  enum class Liveness { alive, dead, unknown };
  // `held` keeps the lock of a dead session, so that nobody else acts on it meanwhile.
  Liveness judge(const std::string& lock_name, UniqueFd& held) const;

  std::shared_ptr<const UniqueFd> folder_;
  Guarded<Session> session_;
  std::atomic<unsigned long> next_number_{0};
};

}  // namespace igudar
