#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "store/sftp/sftp_connection.h"
#include "store/tree/remote_files.h"

namespace igudar {

// A path that a connection works on, and what messages call it.
struct SftpTarget {
  SftpConnection& connection;
  const std::string& path;
  std::string url;
  const std::stop_token& stop;

  // Throws the Error for a reply that ends the work: `action` is a translated phrase such as "cannot write {}". A
  // server tells a full disk as “failure”: then the state of its file system is asked for.
  [[noreturn]] void fail(const SftpReply& reply, const std::string& action) const;
};

// Requests on their way, whose replies are taken in order; those not taken are ignored. Not thread-safe.
class SftpRequests {
 public:
  explicit SftpRequests(const SftpTarget& target) : target_(target) {}
  ~SftpRequests();
  SftpRequests(const SftpRequests&) = delete;
  SftpRequests& operator=(const SftpRequests&) = delete;

  void send(SftpType type, const SftpFields& fields, ByteView tail = {});
  SftpReply next();

 private:
  const SftpTarget& target_;
  std::vector<SftpConnection::RequestId> ids_;
  std::size_t taken_ = 0;
};

// A file that the server has open for us. Its methods wait for one round trip, however much they move. Not thread-safe.
class SftpFile {
 public:
  // nullopt when there is no such file to read, and for `accepted_refusal`; throws for other refusals.
  static std::optional<SftpFile> open(const SftpTarget& target, std::uint32_t how,
                                      std::optional<SftpStatus> accepted_refusal = {});
  ~SftpFile();
  SftpFile(SftpFile&& other) noexcept;
  SftpFile& operator=(SftpFile&&) = delete;

  // Writes, and ends the file when `sealed`: read-only, and durable where that is asked for. Closes it. Returns its
  // size when `sealed`, else 0.
  enum class Seal { none, written, durable };
  std::uint64_t write_and_close(std::uint64_t offset, ByteView bytes, Seal seal);
  // The number of bytes read, less than out.size() only at the end of the file.
  std::size_t read(std::uint64_t offset, MutableByteView out);
  RemoteContent read_whole(std::uint64_t limit);
  RemoteEntry attributes();

 private:
  SftpFile(const SftpTarget& target, std::string handle) : target_(&target), handle_(std::move(handle)) {}
  SftpFields with_handle() const { return SftpFields().text(handle_); }
  RemoteEntry attributes_in(const SftpReply& reply) const;

  const SftpTarget* target_;
  std::string handle_;  // empty once closed
};

}  // namespace igudar
