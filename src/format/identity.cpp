#include "format/identity.h"

#include <sodium.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "format/password_derivation.h"
#include "format/sealed_record.h"

namespace igudar {

namespace {

constexpr std::string_view kRecipientPrefix = "igudar-recipient-1-";
constexpr std::string_view kIdentityPrefix = "igudar-identity-1-";
constexpr std::string_view kSealedPrefix = "igudar-sealed-identity-1-";
constexpr std::string_view kRemark =
    "# An Igudar identity: it opens the repositories that its recipient, the next line, was added to.\n"
    "# Keep this file secret, and a copy of it in another place.\n";
constexpr std::size_t kChecksumSize = 4;
constexpr std::size_t kKeySize = 32;
constexpr const char* kWhat = "identity file";

// Those that are neither empty nor remarks.
std::vector<std::string_view> lines_of(ByteView text) {
  std::vector<std::string_view> lines;
  std::string_view rest = text_of(text);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && !line.starts_with('#')) lines.push_back(line);
  }
  return lines;
}

[[noreturn]] void throw_not_an_identity() {
  throw Error(ErrorCode::usage, tr("this is not an identity file, or it is damaged"),
              tr("Use a file that 'igudar key generate-identity' made, or a private key in PEM."));
}

ByteView checksum_of(std::string_view prefix, ByteView value, Bytes& room) {
  Bytes covered = copy_of(view_of(prefix));
  append(covered, value);
  room = copy_of(sha256(covered).view().first(kChecksumSize));
  wipe(covered);
  return room;
}

// prefix ‖ hex of value and checksum; in secret memory, made without a data-dependent look-up.
SecretBytes encode_line(std::string_view prefix, ByteView value) {
  Bytes room;
  const ByteView checksum = checksum_of(prefix, value, room);
  SecretBytes raw(value.size() + kChecksumSize);
  std::copy(value.begin(), value.end(), raw.span().begin());
  std::copy(checksum.begin(), checksum.end(), raw.span().begin() + static_cast<std::ptrdiff_t>(value.size()));
  SecretBytes digits(2 * raw.size() + 1);
  ::sodium_bin2hex(reinterpret_cast<char*>(digits.span().data()), digits.size(), raw.view().data(), raw.size());
  SecretBytes line(prefix.size() + digits.size() - 1);
  std::copy(prefix.begin(), prefix.end(), line.span().begin());
  std::copy(digits.view().begin(), digits.view().end() - 1,
            line.span().begin() + static_cast<std::ptrdiff_t>(prefix.size()));
  return line;
}

// nullopt when it has another prefix, is no hex or has another checksum.
std::optional<SecretBytes> decode_line(std::string_view prefix, std::string_view line) {
  if (!line.starts_with(prefix)) return std::nullopt;
  const std::string_view digits = line.substr(prefix.size());
  SecretBytes raw(digits.size() / 2);
  std::size_t size = 0;
  if (digits.size() % 2 != 0 || raw.size() < kChecksumSize ||
      ::sodium_hex2bin(raw.span().data(), raw.size(), digits.data(), digits.size(), nullptr, &size, nullptr) != 0 ||
      size != raw.size())
    return std::nullopt;
  const ByteView value = raw.view().first(size - kChecksumSize);
  Bytes room;
  if (!equal(checksum_of(prefix, value, room), raw.view().last(kChecksumSize))) return std::nullopt;
  return SecretBytes(value);
}

SecretBytes whole_file(const BoxPublicKey& public_key, const SecretBytes& secret_line) {
  const std::string head = std::string(kRemark) + encode_recipient(public_key) + "\n";
  SecretBytes text(head.size() + secret_line.size() + 1);
  std::copy(head.begin(), head.end(), text.span().begin());
  std::copy(secret_line.view().begin(), secret_line.view().end(),
            text.span().begin() + static_cast<std::ptrdiff_t>(head.size()));
  text.span().back() = '\n';
  return text;
}

void parse_sealed(ByteView value, IdentityFile& file) {
  ByteReader reader(value, kWhat);
  const PasswordDerivation derivation = read_derivation(reader);
  check_bounds(derivation.kdf);
  file.kdf = derivation.kdf;
  file.kdf_salt = derivation.salt;
  file.sealed = copy_of(reader.rest());
  if (file.sealed.empty()) throw_not_an_identity();
}

void require_pair(const BoxPublicKey& public_key, ByteView secret_key) {
  if (secret_key.size() != kKeySize || box_key_pair_of(secret_key).public_key != public_key) throw_not_an_identity();
}

}  // namespace

std::string encode_recipient(const BoxPublicKey& public_key) {
  return std::string(text_of(encode_line(kRecipientPrefix, public_key.view()).view()));
}

bool looks_like_recipient(std::string_view text) {
  return text.starts_with(kRecipientPrefix);
}

BoxPublicKey decode_recipient(std::string_view text) {
  const std::optional<SecretBytes> value = decode_line(kRecipientPrefix, text);
  if (!value || value->size() != kKeySize)
    throw Error(ErrorCode::usage, trf("'{}' is not a recipient, or was mistyped", text),
                tr("Copy the line that 'igudar key generate-identity' wrote; it is in the identity file as well."));
  return Id32::from(value->view());
}

SecretBytes encode_identity(const BoxKeyPair& keys) {
  return whole_file(keys.public_key, encode_line(kIdentityPrefix, keys.secret_key.view()));
}

SecretBytes encode_identity(const BoxKeyPair& keys, ByteView passphrase, const PasswordKdfParams& kdf) {
  const Id16 salt = random_id<16>();
  Bytes value;
  ByteWriter writer(value);
  write_derivation(writer, {kdf, salt});
  const SecretBytes key = derive_password_key(passphrase, salt.view(), kdf);
  writer.raw(
      seal_record(CipherSuite::aes_256_gcm, key.view(), "identity", keys.public_key.view(), keys.secret_key.view()));
  return whole_file(keys.public_key, encode_line(kSealedPrefix, value));
}

std::optional<BoxPublicKey> find_recipient(ByteView text) {
  for (const std::string_view line : lines_of(text))
    if (looks_like_recipient(line)) return decode_recipient(line);
  return std::nullopt;
}

IdentityFile parse_identity(ByteView text) {
  IdentityFile file;
  bool has_public = false;
  for (const std::string_view line : lines_of(text)) {
    if (const auto recipient = decode_line(kRecipientPrefix, line); recipient && recipient->size() == kKeySize) {
      file.public_key = Id32::from(recipient->view());
      has_public = true;
    } else if (auto secret = decode_line(kIdentityPrefix, line)) {
      file.secret_key = std::move(*secret);
    } else if (const auto sealed = decode_line(kSealedPrefix, line)) {
      parse_sealed(sealed->view(), file);
    } else {
      throw_not_an_identity();
    }
  }
  if (!has_public || file.secret_key.empty() == file.sealed.empty()) throw_not_an_identity();
  if (!file.secret_key.empty()) require_pair(file.public_key, file.secret_key.view());
  return file;
}

std::optional<SecretBytes> open_identity(const IdentityFile& file, ByteView passphrase) {
  const SecretBytes key = derive_password_key(passphrase, file.kdf_salt.view(), file.kdf);
  std::optional<Bytes> record = try_open_record(key.view(), "identity", file.public_key.view(), file.sealed);
  if (!record) return std::nullopt;
  SecretBytes secret{ByteView(*record)};
  wipe(*record);
  require_pair(file.public_key, secret.view());
  return secret;
}

}  // namespace igudar
