#include "store/sftp/sftp_connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kReadAtOnce = std::size_t{256} << 10;
constexpr std::uint32_t kLargestPacket = 1 << 20;
// As large as OpenSSH takes at most; another server's limits are believed up to here.
constexpr std::uint64_t kLargestTransfer = 255 << 10;
constexpr const char* kLimits = "limits@openssh.com";

void put_u32(std::uint8_t* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

[[noreturn]] void throw_nonsense() {
  throw Error(ErrorCode::io, tr("the SFTP server sent what is no SFTP"),
              tr("Texts that a login script of the user prints on the server disturb it: 'ssh HOST true' must print "
                 "nothing."));
}

}  // namespace

SftpStatus SftpReply::status() const {
  if (type != SftpType::status) return SftpStatus::failure;
  return static_cast<SftpStatus>(SftpFieldReader(fields).u32());
}

std::string SftpReply::message() const {
  if (type != SftpType::status) return {};
  SftpFieldReader reader(fields);
  (void)reader.u32();
  return reader.empty() ? std::string() : std::string(reader.text());
}

SftpConnection::SftpConnection(const SftpAddress& address, const SshSettings& settings, const std::stop_token& stop)
    : ssh_(address, settings, stop) {
  greet(stop);
  in_progress_ = false;
  if (offers(kLimits)) ask_limits(stop);
}

void SftpConnection::greet(const std::stop_token& stop) {
  const std::uint8_t type = static_cast<std::uint8_t>(SftpType::init);
  send_packet({&type, 1}, SftpFields().u32(kVersion).view(), {}, stop);
  ssh_.start_waiting();
  ByteView packet;
  while ((packet = next_packet()).empty())
    if (!pull_in()) ssh_.wait(stop);
  if (packet.front() != static_cast<std::uint8_t>(SftpType::version)) throw_nonsense();
  SftpFieldReader reader(packet.subspan(1));
  (void)reader.u32();
  while (!reader.empty()) {
    extensions_.emplace(reader.text());
    (void)reader.text();
  }
}

void SftpConnection::ask_limits(const std::stop_token& stop) {
  const SftpReply reply = ask(SftpType::extended, SftpFields().text(kLimits), stop);
  if (!reply.has(SftpType::extended_reply)) return;
  SftpFieldReader reader(reply.fields);
  (void)reader.u64();
  const auto believed = [](std::uint64_t limit, std::size_t otherwise) {
    return limit == 0 ? otherwise : static_cast<std::size_t>(std::min(limit, kLargestTransfer));
  };
  read_size_ = believed(reader.u64(), read_size_);
  write_size_ = believed(reader.u64(), write_size_);
}

void SftpConnection::send_packet(ByteView head, ByteView fields, ByteView tail, const std::stop_token& stop) {
  out_.clear();
  std::uint8_t length[kLengthBytes];
  put_u32(length, static_cast<std::uint32_t>(head.size() + fields.size() + tail.size()));
  out_.append(length);
  out_.append(head);
  out_.append(fields);
  out_.append(tail);
  push_out(out_.view(), stop);
}

void SftpConnection::push_out(ByteView bytes, const std::stop_token& stop) {
  ssh_.start_waiting();
  for (;;) {
    bytes = bytes.subspan(ssh_.write_some(bytes));
    if (bytes.empty()) return;
    // The server's replies make room as well: unread, they would keep it from reading.
    if (pull_in())
      sort_packets();
    else
      ssh_.wait(stop);
  }
}

SftpConnection::RequestId SftpConnection::send(SftpType type, const SftpFields& fields, ByteView tail,
                                               const std::stop_token& stop) {
  const RequestId id = next_id_++;
  std::uint8_t head[1 + kLengthBytes];
  head[0] = static_cast<std::uint8_t>(type);
  put_u32(head + 1, id);
  waited_for_.insert(id);
  in_progress_ = true;
  send_packet(head, fields.view(), tail, stop);
  in_progress_ = false;
  return id;
}

SftpReply SftpConnection::receive(RequestId id, const std::stop_token& stop) {
  in_progress_ = true;
  ssh_.start_waiting();
  for (;;) {
    if (const auto found = replies_.find(id); found != replies_.end()) {
      SftpReply reply = std::move(found->second);
      replies_.erase(found);
      waited_for_.erase(id);
      in_progress_ = false;
      return reply;
    }
    if (pull_in())
      sort_packets();
    else
      ssh_.wait(stop);
  }
}

void SftpConnection::ignore(RequestId id) {
  waited_for_.erase(id);
  if (replies_.erase(id) == 0) ignored_.insert(id);
}

bool SftpConnection::is_alive() {
  return ssh_.is_alive();
}

bool SftpConnection::pull_in() {
  const std::size_t left = in_.size() - in_begin_;
  if (in_begin_ > 0) {
    std::memmove(in_.data(), in_.data() + in_begin_, left);
    in_.resize(left);
    in_begin_ = 0;
  }
  in_.resize(left + kReadAtOnce);
  std::size_t got = 0;
  try {
    got = ssh_.read_some(in_.span().subspan(left));
  } catch (...) {
    in_.resize(left);
    throw;
  }
  in_.resize(left + got);
  return got > 0;
}

ByteView SftpConnection::next_packet() {
  const ByteView there = in_.view().subspan(in_begin_);
  if (there.size() < kLengthBytes) return {};
  const std::uint32_t size = SftpFieldReader(there).u32();
  if (size == 0 || size > kLargestPacket) throw_nonsense();
  if (there.size() - kLengthBytes < size) return {};
  in_begin_ += kLengthBytes + size;
  return there.subspan(kLengthBytes, size);
}

void SftpConnection::sort_packets() {
  for (ByteView packet; !(packet = next_packet()).empty();) {
    SftpFieldReader reader(packet.subspan(1));
    const RequestId id = reader.u32();
    if (ignored_.erase(id) > 0) continue;
    if (!waited_for_.contains(id)) throw_nonsense();
    replies_[id] = {static_cast<SftpType>(packet.front()), copy_of(packet.subspan(1 + kLengthBytes))};
  }
}

}  // namespace igudar
