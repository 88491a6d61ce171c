#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "concurrency/lending_pool.h"
#include "store/nfs/nfs_connection.h"
#include "store/tree/remote_files.h"

namespace igudar {

struct NfsOptions {
  NfsSettings settings;
  unsigned connections = 4;  // at most; opened when first needed
};

// Files at an NFS server, over a few mounts that are kept; one whose connection is lost is replaced by a new one.
//
// Durability: what changes names and attributes is durable once a server of version 3 has answered (RFC 1813, section
// 4.8), so that folders need no sync; bytes are once COMMIT was answered. Names are given by LINK, which never
// replaces.
class NfsFiles final : public RemoteFiles {
 public:
  NfsFiles(NfsAddress address, NfsOptions options);
  ~NfsFiles() override;

  std::string url(const std::string& path) const override { return nfs_url(address_, path); }
  unsigned connections() const override { return options_.connections; }
  std::uint64_t lost_connections() const override { return lost_; }

  bool make_folder(const std::string& path, unsigned mode, std::stop_token stop) override;
  void sync_folder(const std::string& path, std::stop_token stop) override;
  void create(const std::string& path, ByteView content, Persistence persistence, std::stop_token stop) override;
  void write(const std::string& path, std::uint64_t offset, ByteView bytes, std::stop_token stop) override;
  std::uint64_t seal(const std::string& path, Persistence persistence, std::stop_token stop) override;
  Moved move(const std::string& from, const std::string& to, std::stop_token stop) override;
  void probe_moves(const std::string& folder, std::stop_token stop) override;
  bool moves_exclusively() const override { return links_; }
  bool remove(const std::string& path, std::stop_token stop) override;

  std::optional<RemoteEntry> stat(const std::string& path, std::stop_token stop) override;
  std::vector<std::optional<std::vector<RemoteEntry>>> list(std::span<const std::string> folders,
                                                            std::stop_token stop) override;
  std::optional<std::size_t> read(const std::string& path, std::uint64_t offset, MutableByteView out,
                                  std::stop_token stop) override;
  std::optional<RemoteContent> read_whole(const std::string& path, std::uint64_t limit, std::stop_token stop) override;
  std::optional<TimeNs> clock(const std::string& folder, std::stop_token stop) override;

 private:
  class Loan;

  std::unique_ptr<NfsConnection> connect(const std::stop_token& stop);
  // Throws unless `error` is 0.
  void require_written(int error, const std::string& path) const;
  void require_read(int error, const std::string& path) const;
  std::uint64_t sealed_size(NfsFile& file, const std::string& path, Persistence persistence,
                            const std::stop_token& stop) const;

  NfsAddress address_;
  NfsOptions options_;
  LendingPool<NfsConnection> pool_;
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<bool> ever_connected_{false};
  std::atomic<bool> probed_{false};
  std::atomic<bool> links_{true};  // else move() looks, and then renames
};

}  // namespace igudar
