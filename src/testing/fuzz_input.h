#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"
#include "base/error.h"

namespace igudar::fuzz {

// Counts the inputs that were accepted, and says so at the end of the run: tests/fuzz/run_fuzzer wants some of a corpus
// to be, so that it cannot come to test the first check of a decoder only.
class Tally {
 public:
  static Tally& of_program() {
    static Tally tally;
    return tally;
  }
  void accept() { ++accepted_; }
  ~Tally() { std::fprintf(stderr, "accepted inputs: %llu\n", accepted_); }

 private:
  unsigned long long accepted_ = 0;
};

// Gives hostile input to a decoder: it may refuse it with an Error, and may do nothing else wrong.
template <typename Decode>
int run(const std::uint8_t* data, std::size_t size, Decode&& decode) {
  Tally& tally = Tally::of_program();
  try {
    decode(ByteView(data, size));
    tally.accept();
  } catch (const Error&) {
  }
  return 0;
}

inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace igudar::fuzz
