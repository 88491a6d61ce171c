#include "store/sftp/sftp_packet.h"

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::uint32_t kHasSize = 0x1;
constexpr std::uint32_t kHasOwner = 0x2;
constexpr std::uint32_t kHasPermissions = 0x4;
constexpr std::uint32_t kHasTimes = 0x8;
constexpr std::uint32_t kHasExtensions = 0x80000000;

// The mode's kind of file is POSIX's, on every server.
RemoteKind kind_of(std::uint32_t permissions) {
  constexpr std::uint32_t kKindBits = 0170000;
  switch (permissions & kKindBits) {
    case 0100000:
      return RemoteKind::file;
    case 0040000:
      return RemoteKind::folder;
    default:
      return RemoteKind::other;
  }
}

}  // namespace

SftpFields& SftpFields::u32(std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes_.push_back(static_cast<std::uint8_t>(value >> shift));
  return *this;
}

SftpFields& SftpFields::u64(std::uint64_t value) {
  return u32(static_cast<std::uint32_t>(value >> 32)).u32(static_cast<std::uint32_t>(value));
}

SftpFields& SftpFields::text(std::string_view value) {
  u32(static_cast<std::uint32_t>(value.size()));
  append(bytes_, view_of(value));
  return *this;
}

SftpFields& SftpFields::mode(unsigned permissions) {
  return u32(kHasPermissions).u32(permissions);
}

ByteView SftpFieldReader::take(std::size_t size) {
  if (size > left_.size())
    throw Error(ErrorCode::io, tr("the SFTP server sent an answer that is cut short"),
                tr("Is it an SFTP server? Texts that a login script of the user prints would disturb it, too."));
  const ByteView taken = left_.first(size);
  left_ = left_.subspan(size);
  return taken;
}

std::uint32_t SftpFieldReader::u32() {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : take(4)) value = value << 8 | byte;
  return value;
}

std::uint64_t SftpFieldReader::u64() {
  const std::uint64_t high = u32();
  return high << 32 | u32();
}

std::string_view SftpFieldReader::text() {
  return text_of(take(u32()));
}

RemoteEntry SftpFieldReader::attributes() {
  RemoteEntry entry;
  const std::uint32_t flags = u32();
  if ((flags & kHasSize) != 0) entry.size = u64();
  if ((flags & kHasOwner) != 0) (void)u64();
  if ((flags & kHasPermissions) != 0) entry.kind = kind_of(u32());
  if ((flags & kHasTimes) != 0) {
    (void)u32();
    entry.modified = u32() * kNsPerSecond;
  }
  if ((flags & kHasExtensions) != 0)
    for (std::uint32_t left = u32(); left > 0; --left) {
      (void)text();
      (void)text();
    }
  return entry;
}

}  // namespace igudar
