#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "concurrency/lending_pool.h"
#include "store/sftp/sftp_connection.h"
#include "store/tree/remote_files.h"

namespace igudar {

struct SftpOptions {
  SshSettings ssh;
  unsigned connections = 5;  // at most; opened when first needed
};

// Files at an SFTP server, over a few connections that are kept open; one that is lost is replaced by a new one.
class SftpFiles final : public RemoteFiles {
 public:
  SftpFiles(SftpAddress address, SftpOptions options);
  ~SftpFiles() override;

  std::string url(const std::string& path) const override { return sftp_url(address_, path); }
  unsigned connections() const override { return options_.connections; }
  std::uint64_t lost_connections() const override { return lost_; }

  bool make_folder(const std::string& path, unsigned mode, std::stop_token stop) override;
  // By opening it like a file, which OpenSSH on Linux allows; elsewhere it does nothing.
  void sync_folder(const std::string& path, std::stop_token stop) override;
  void create(const std::string& path, ByteView content, Persistence persistence, std::stop_token stop) override;
  void write(const std::string& path, std::uint64_t offset, ByteView bytes, std::stop_token stop) override;
  std::uint64_t seal(const std::string& path, Persistence persistence, std::stop_token stop) override;
  Moved move(const std::string& from, const std::string& to, std::stop_token stop) override;
  void probe_moves(const std::string& folder, std::stop_token stop) override;
  bool moves_exclusively() const override { return way_ != Way::look_then_rename; }
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
  // How a file gets its name: by the protocol, a rename fails where there is a file of the new name, but some servers
  // replace it; a hard link never does.
  enum class Way { unknown, rename, link, look_then_rename };

  std::unique_ptr<SftpConnection> connect(const std::stop_token& stop);
  Way probed_way(SftpConnection& connection, const std::string& folder, const std::stop_token& stop) const;

  SftpAddress address_;
  SftpOptions options_;
  LendingPool<SftpConnection> pool_;
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<bool> ever_connected_{false};
  std::atomic<Way> way_{Way::unknown};
  std::atomic<bool> folders_sync_{true};
};

}  // namespace igudar
