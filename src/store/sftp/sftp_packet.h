#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "store/tree/remote_files.h"

namespace igudar {

// The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02), the version that every server speaks, with OpenSSH's
// extensions (its file PROTOCOL). Integers are big-endian; a string is its length in 32 bits and its bytes.
enum class SftpType : std::uint8_t {
  init = 1,
  version = 2,
  open = 3,
  close = 4,
  read = 5,
  write = 6,
  lstat = 7,
  fstat = 8,
  fsetstat = 10,
  opendir = 11,
  readdir = 12,
  remove = 13,
  mkdir = 14,
  stat = 17,
  rename = 18,
  status = 101,
  handle = 102,
  data = 103,
  name = 104,
  attrs = 105,
  extended = 200,
  extended_reply = 201
};

enum class SftpStatus : std::uint32_t {
  ok = 0,
  eof = 1,
  no_such_file = 2,
  permission_denied = 3,
  failure = 4,
  bad_message = 5,
  unsupported = 8
};

constexpr std::uint32_t kSftpOpenRead = 0x01;
constexpr std::uint32_t kSftpOpenWrite = 0x02;
constexpr std::uint32_t kSftpOpenCreate = 0x08;
constexpr std::uint32_t kSftpOpenExclusive = 0x20;

// The fields of a request, one after another.
class SftpFields {
 public:
  SftpFields& u32(std::uint32_t value);
  SftpFields& u64(std::uint64_t value);
  SftpFields& text(std::string_view value);
  // Attributes that hold nothing but a mode.
  SftpFields& mode(unsigned permissions);

  ByteView view() const { return bytes_; }

 private:
  Bytes bytes_;
};

// The fields of an answer, none of which is trusted. Throws Error(io) when they end too soon.
class SftpFieldReader {
 public:
  explicit SftpFieldReader(ByteView bytes) : left_(bytes) {}

  std::uint32_t u32();
  std::uint64_t u64();
  std::string_view text();
  // Attributes: kind, size and time, as far as the server tells them.
  RemoteEntry attributes();
  bool empty() const { return left_.empty(); }

 private:
  ByteView take(std::size_t size);

  ByteView left_;
};

}  // namespace igudar
