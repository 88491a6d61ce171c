#pragma once

#include <vector>

#include "base/secret.h"

namespace igudar {

// Shamir's secret sharing (Communications of the ACM 22, 1979) over GF(2^8), as libgfshare does it: any `threshold` of
// the shares make the secret, fewer tell nothing of it. Not thread-safe: libgfshare keeps its generator in a variable.

// A share is as long as the secret. Its number, 1 to 255, is where the polynomials were evaluated.
struct SecretShare {
  std::uint8_t number = 0;
  SecretBytes value;
};

// Shares with the numbers 1 to `shares`. Precondition: 2 <= threshold <= shares <= 255.
std::vector<SecretShare> split_secret(const SecretBytes& secret, unsigned threshold, unsigned shares);
// Something, whatever the shares are: that it is the secret must be seen by other means. Precondition: at least one
// share, all as long, of different numbers.
SecretBytes join_shares(const std::vector<SecretShare>& shares);

}  // namespace igudar
