#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace igudar {

enum class RemoteKind { file, folder, other };

struct RemoteEntry {
  std::string name;  // in its folder; empty where the path was asked for
  RemoteKind kind = RemoteKind::other;
  std::uint64_t size = 0;
  TimeNs modified = 0;  // by the server's clock, often in whole seconds
};

struct RemoteContent {
  std::uint64_t size = 0;
  Bytes bytes;  // empty when the file is larger than was asked for
};

// Files on another machine, reached by a protocol (SFTP; others may follow). Paths are the server's own, with '/'.
//
// Thread safety: every method may be called concurrently; up to connections() of them make progress at the same time.
// Errors: methods throw Error, retryable where a connection was lost, another of the connections being used for
// the next attempt; an Error names the place. Each of them may be called again after such an Error: what is asked for
// is a state, but for create() and move(), where the first attempt may have been carried out.
// Stopping: waiting ends within a second of a stop request.
class RemoteFiles {
 public:
  enum class Persistence {
    written,  // the server has it
    durable   // and it survives a crash of the server, where the protocol can ask for that
  };
  enum class Moved { yes, taken, no_such_file };

  virtual ~RemoteFiles() = default;

  // "sftp://user@host/srv/backup": for messages, never with a password in it.
  virtual std::string url(const std::string& path) const = 0;
  virtual unsigned connections() const = 0;
  // How many connections were lost so far. While it stays, the server has not crashed since.
  virtual std::uint64_t lost_connections() const = 0;

  // False when there is a folder already. Throws not_found when there is none to make it in.
  virtual bool make_folder(const std::string& path, unsigned mode, std::stop_token stop) = 0;
  // Makes the names in a folder durable, where the protocol can.
  virtual void sync_folder(const std::string& path, std::stop_token stop) = 0;
  // Makes a file of that content, only readable by its owner. The path must be free, else it fails.
  virtual void create(const std::string& path, ByteView content, Persistence persistence, std::stop_token stop) = 0;
  // Writes at `offset` of a file that is being written in pieces, in any order; makes it when it is not there.
  virtual void write(const std::string& path, std::uint64_t offset, ByteView bytes, std::stop_token stop) = 0;
  // Ends that: from now on the file is only readable by its owner. Returns its size.
  virtual std::uint64_t seal(const std::string& path, Persistence persistence, std::stop_token stop) = 0;
  // Never replaces a file when moves_exclusively().
  virtual Moved move(const std::string& from, const std::string& to, std::stop_token stop) = 0;
  // Finds out, by files made in `folder`, whether the server can move without replacing.
  virtual void probe_moves(const std::string& folder, std::stop_token stop) = 0;
  // True until a probe found otherwise; then move() looks before it moves, and another may come between.
  virtual bool moves_exclusively() const = 0;
  // False when there is no such file.
  virtual bool remove(const std::string& path, std::stop_token stop) = 0;

  virtual std::optional<RemoteEntry> stat(const std::string& path, std::stop_token stop) = 0;
  // What is in each folder, without "." and ".."; nullopt for one that does not exist.
  virtual std::vector<std::optional<std::vector<RemoteEntry>>> list(std::span<const std::string> folders,
                                                                    std::stop_token stop) = 0;
  // The number of bytes read, less than asked for only at the file's end; nullopt when there is no such file.
  virtual std::optional<std::size_t> read(const std::string& path, std::uint64_t offset, MutableByteView out,
                                          std::stop_token stop) = 0;
  virtual std::optional<RemoteContent> read_whole(const std::string& path, std::uint64_t limit,
                                                  std::stop_token stop) = 0;
  // The server's clock, by a file made in `folder`; nullopt where nothing may be written. Throws not_found when there
  // is no such folder.
  virtual std::optional<TimeNs> clock(const std::string& folder, std::stop_token stop) = 0;
};

}  // namespace igudar
