#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"

namespace igudar {

// HKDF-SHA-256 (RFC 5869), extract and expand. Thread-safe.
SecretBytes hkdf_sha256(ByteView key, ByteView salt, std::string_view info, std::size_t size);
// Its two steps by themselves, for what puts something between them. Extracting gives 32 bytes.
SecretBytes hkdf_sha256_extract(ByteView salt, ByteView key);
SecretBytes hkdf_sha256_expand(ByteView key, ByteView info, std::size_t size);

enum class PasswordKdf : std::uint8_t { argon2id = 1, pbkdf2_sha256 = 2, scrypt = 3 };
inline constexpr std::array kPasswordKdfs = {PasswordKdf::argon2id, PasswordKdf::scrypt, PasswordKdf::pbkdf2_sha256};
// "argon2id", "scrypt", "pbkdf2".
std::string_view password_kdf_name(PasswordKdf kdf);
std::optional<PasswordKdf> find_password_kdf(std::string_view name);

// How a password becomes a key. For Argon2id (RFC 9106, one lane): passes = iterations, memory in KiB.
// For PBKDF2-SHA-256 (RFC 8018): passes = rounds, memory unused. For scrypt (RFC 7914): passes = p, memory in KiB = N,
// for r is always 8.
struct PasswordKdfParams {
  PasswordKdf kdf = PasswordKdf::argon2id;
  std::uint32_t passes = 2;
  std::uint32_t memory_kib = 64 * 1024;
};

// The costs of new key slots (docs/threat-model.md section 6).
PasswordKdfParams default_kdf_params(PasswordKdf kdf);
inline constexpr std::uint32_t kPbkdf2Rounds = 600'000;  // OWASP's floor for PBKDF2-HMAC-SHA-256
// Whether a repository that keeps to FIPS 140 takes it: PBKDF2 (NIST SP 800-132) with at least those rounds.
bool is_approved(const PasswordKdfParams& params);

// PBKDF2-HMAC-SHA-256 (RFC 8018) with any salt and rounds: what derive_password_key() is made of. Thread-safe.
SecretBytes pbkdf2_sha256(ByteView password, ByteView salt, std::uint32_t rounds, std::size_t size);

// Bounds that a hostile key slot may not exceed (it must not exhaust memory or time): Argon2id 8 MiB to 4 GiB and 1 to
// 64 passes; PBKDF2 100,000 to 100,000,000 rounds; scrypt as Argon2id, and N a power of two. Throws Error(damaged)
// outside them.
void check_bounds(const PasswordKdfParams& params);

// 32 bytes from `password` and a 16-byte salt. Checks the bounds first. Thread-safe; uses memory_kib of memory while it
// runs, and throws Error(failed) when there is not so much, Error(unsupported) in FIPS mode for all but PBKDF2.
SecretBytes derive_password_key(ByteView password, ByteView salt, const PasswordKdfParams& params);

}  // namespace igudar
