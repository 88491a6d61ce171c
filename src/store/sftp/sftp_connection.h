#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "store/sftp/sftp_packet.h"
#include "store/sftp/ssh_connection.h"

namespace igudar {

// What a server answers to a request.
struct SftpReply {
  SftpType type = SftpType::status;
  Bytes fields;

  bool has(SftpType wanted) const { return type == wanted; }
  // Of a reply of type status; `failure` for a type that was not expected.
  SftpStatus status() const;
  // What the server says about a status; may be empty.
  std::string message() const;
};

// Requests and replies over one connection, as many requests on their way as the caller likes: a server answers them in
// any order, but carries out those for one file one after the other. libssh has an SFTP client of its own, but that
// waits for the reply to each write, and renames in a way that replaces files.
//
// Not thread-safe; one thread at a time. Errors: those of SshConnection; after any, the connection is of no more use.
class SftpConnection {
 public:
  using RequestId = std::uint32_t;

  SftpConnection(const SftpAddress& address, const SshSettings& settings, const std::stop_token& stop);

  // Sends a request; `tail` is appended to its fields. May read replies meanwhile.
  RequestId send(SftpType type, const SftpFields& fields, ByteView tail, const std::stop_token& stop);
  RequestId send(SftpType type, const SftpFields& fields, const std::stop_token& stop) {
    return send(type, fields, {}, stop);
  }
  SftpReply receive(RequestId id, const std::stop_token& stop);
  SftpReply ask(SftpType type, const SftpFields& fields, const std::stop_token& stop) {
    return receive(send(type, fields, stop), stop);
  }
  // The reply does not matter.
  void ignore(RequestId id);

  // Whether the next borrower can use it: no reply is still to come but those that do not matter.
  bool is_idle() const { return !is_broken() && waited_for_.empty(); }
  // An error, or a stop, came in the middle of a packet or a reply.
  bool is_broken() const { return in_progress_; }
  // False when the server ended it meanwhile.
  bool is_alive();
  bool offers(std::string_view extension) const { return extensions_.contains(extension); }
  std::size_t read_size() const { return read_size_; }
  std::size_t write_size() const { return write_size_; }

 private:
  void greet(const std::stop_token& stop);
  void ask_limits(const std::stop_token& stop);
  void send_packet(ByteView head, ByteView fields, ByteView tail, const std::stop_token& stop);
  void push_out(ByteView bytes, const std::stop_token& stop);
  bool pull_in();
  // The next whole packet, from its type on; empty when none is there yet.
  ByteView next_packet();
  void sort_packets();

  SshConnection ssh_;
  std::set<std::string, std::less<>> extensions_;
  std::size_t read_size_ = 32768;  // every server must take this
  std::size_t write_size_ = 32768;
  RequestId next_id_ = 0;
  bool in_progress_ = true;
  std::set<RequestId> waited_for_;
  std::set<RequestId> ignored_;
  std::map<RequestId, SftpReply> replies_;
  Buffer in_;
  std::size_t in_begin_ = 0;
  Buffer out_;
};

}  // namespace igudar
