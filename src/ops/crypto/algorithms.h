#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "crypto/cipher_suite.h"
#include "crypto/kdf.h"
#include "format/key_slot.h"
#include "store/object_store.h"

namespace igudar {

// What can be told of a repository's cryptography without any key: nothing here is verified against a key slot.
struct UsedAlgorithms {
  bool fips = false;                      // it keeps to FIPS 140
  std::vector<CipherSuite> suites;        // that writers use, of all domains
  std::vector<PasswordKdf> kdfs;          // of the key slots that can be read
  std::vector<RecipientKind> recipients;  // likewise
};
// Throws no_repository, damaged, unsupported.
UsedAlgorithms algorithms_in_use(const ObjectStore& store, std::stop_token stop);

enum class AlgorithmKind : std::uint8_t { cipher_suite, hash, key_derivation, signature, sealed_box, recipient };

struct Algorithm {
  AlgorithmKind kind = AlgorithmKind::cipher_suite;
  std::string name;     // as options, the config and --json name it
  std::string purpose;  // for people, in their language
  bool fips_approved = false;
  std::optional<bool> used;  // by the repository, where that is known
};
// All that this program knows, in the order of the kinds; `used` filled in when `in` is given.
std::vector<Algorithm> list_algorithms(const std::optional<UsedAlgorithms>& in);

}  // namespace igudar
