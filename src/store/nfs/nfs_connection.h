#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/free_with.h"
#include "store/nfs/nfs_address.h"
#include "store/tree/remote_files.h"

struct nfs_context;
struct nfsfh;
extern "C" void nfs_destroy_context(nfs_context* context);

namespace igudar {

struct NfsSettings {
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds stall_timeout{60};  // without a byte in either direction
};

// A mount of its own at an NFS server, version 3, over libnfs's asynchronous interface: its synchronous one cannot be
// stopped. Paths are the server's, from its root.
//
// What is mounted is the longest beginning of the address's path that the server lets: a server does not tell where its
// exports begin, and the repository's folder may not be there yet.
//
// Methods give 0 or the errno of a refusal. Not thread-safe; one thread at a time.
// Errors: io and retryable when the server cannot be reached, the connection is lost or the server has forgotten its
// file handles; permission (retryable) when it lets nothing be mounted; after any, the connection is of no more use.
// Stopping: within a fifth of a second, but while a host's name is being resolved.
class NfsConnection {
 public:
  NfsConnection(NfsAddress address, NfsSettings settings, const std::stop_token& stop);
  NfsConnection(const NfsConnection&) = delete;
  NfsConnection& operator=(const NfsConnection&) = delete;

  int stat(const std::string& path, RemoteEntry& entry, const std::stop_token& stop);
  int make_folder(const std::string& path, unsigned mode, const std::stop_token& stop);
  // Never replaces.
  int link(const std::string& from, const std::string& to, const std::stop_token& stop);
  // Replaces what is at `to`.
  int rename(const std::string& from, const std::string& to, const std::stop_token& stop);
  int unlink(const std::string& path, const std::stop_token& stop);
  int list(const std::string& path, std::vector<RemoteEntry>& entries, const std::stop_token& stop);

  // Whether the next borrower can use it: nothing was given up half-way.
  bool is_idle() const { return !in_progress_; }
  // False when the server ended it meanwhile.
  bool is_alive() const;

 private:
  friend class NfsFile;

  // What libnfs calls back about; outlives the context, whose end calls back, too.
  struct Request {
    bool done = false;
    int status = 0;
    std::function<void(int status, void* data)> take;
  };
  using Start = std::function<int(nfs_context* context, void* request)>;
  using Take = std::function<void(int status, void* data)>;

  static void called_back(int status, nfs_context* context, void* data, void* request);
  // One request and its answer: what libnfs says, 0 or more, or -errno. `take` sees the answer of one that succeeds.
  int run(const Start& start, const Take& take, std::chrono::seconds patience, const std::stop_token& stop);
  int ask(const Start& start, const Take& take, const std::stop_token& stop);
  int errno_of(const Start& start, const Take& take, const std::stop_token& stop);
  void new_context();
  void mount(const std::stop_token& stop);
  // False when the server has no folder there that this machine may mount.
  bool try_mount(const std::string& path, const std::stop_token& stop);
  std::string in_mount(const std::string& path) const;
  std::string last_words() const;
  [[noreturn]] void throw_lost(const std::string& why) const;

  NfsAddress address_;
  NfsSettings settings_;
  std::string mounted_;
  bool in_progress_ = true;
  std::unique_ptr<Request> request_ = std::make_unique<Request>();
  OwnedBy<nfs_context, nfs_destroy_context> context_;  // ends before what it calls back to
};

// A file of a connection, open. Not thread-safe.
class NfsFile {
 public:
  explicit NfsFile(NfsConnection& connection) : connection_(connection) {}
  ~NfsFile();
  NfsFile(const NfsFile&) = delete;
  NfsFile& operator=(const NfsFile&) = delete;

  // `flags` are those of open(2).
  int open(const std::string& path, int flags, const std::stop_token& stop);
  int write(std::uint64_t offset, ByteView bytes, const std::stop_token& stop);
  // `done` is less than out.size() only at the end of the file.
  int read(std::uint64_t offset, MutableByteView out, std::size_t& done, const std::stop_token& stop);
  // Makes it durable at the server.
  int sync(const std::stop_token& stop);
  int set_mode(unsigned mode, const std::stop_token& stop);
  int stat(RemoteEntry& entry, const std::stop_token& stop);
  // Throws away no error of what was written, unlike the destructor.
  int close(const std::stop_token& stop);

 private:
  NfsConnection& connection_;
  nfsfh* handle_ = nullptr;
};

}  // namespace igudar
