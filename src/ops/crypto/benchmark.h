#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "crypto/kdf.h"

namespace igudar {

// How fast this machine's cryptography is, on one thread.
struct CryptoRate {
  std::string name;
  std::string operation;  // "seal", "open" or "hash"
  double bytes_per_second = 0;
};
struct KdfTime {
  PasswordKdfParams params;
  double seconds = 0;  // of one derivation
};
struct CryptoBenchmark {
  std::vector<CryptoRate> rates;
  std::vector<KdfTime> derivations;
};

// Takes a few seconds. Leaves out what the system's OpenSSL does not offer, or FIPS mode does not allow. Throws
// interrupted.
CryptoBenchmark benchmark_crypto(std::stop_token stop);

}  // namespace igudar
