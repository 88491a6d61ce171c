#include "ops/crypto/benchmark.h"

#include <chrono>
#include <functional>

#include "base/clock.h"
#include "base/error.h"
#include "base/translate.h"
#include "crypto/cipher_suite.h"
#include "crypto/fips.h"
#include "crypto/hash.h"
#include "crypto/keyed_hash.h"
#include "crypto/random.h"
#include "format/chunk_hasher.h"

namespace igudar {

namespace {

constexpr std::size_t kBufferSize = 4U << 20;  // of a frame of small chunks
constexpr std::size_t kChunkSize = 1U << 20;
constexpr std::chrono::milliseconds kEach{250};

double seconds_since(std::chrono::nanoseconds begun) {
  return std::chrono::duration<double>(steady_clock() - begun).count();
}

// Bytes a second of `run`, which works on `size` bytes; once before the clock starts, for caches and tables.
double rate_of(std::size_t size, const std::function<void()>& run, const std::stop_token& stop) {
  run();
  const std::chrono::nanoseconds begun = steady_clock();
  std::size_t bytes = 0;
  do {
    if (stop.stop_requested()) throw Error(ErrorCode::interrupted, tr("the benchmark was stopped"));
    run();
    bytes += size;
  } while (steady_clock() - begun < kEach);
  return static_cast<double>(bytes) / seconds_since(begun);
}

void add_suite(CipherSuite suite, ByteView plain, const std::stop_token& stop, CryptoBenchmark& results) {
  const std::string name(cipher_suite_name(suite));
  SuiteCipher cipher(suite, random_id<32>().view(), {}, "igudar benchmark");
  Bytes sealed(plain.size() + seal_overhead(suite));
  std::uint64_t counter = 0;
  const auto seal = [&] { cipher.seal(counter_nonce(++counter), {}, plain, sealed); };
  results.rates.push_back({name, "seal", rate_of(plain.size(), seal, stop)});
  Bytes room(sealed.size() - kAeadTagSize);
  const auto open = [&] {
    if (!cipher.open(counter_nonce(counter), {}, sealed, room))
      throw Error(ErrorCode::failed, trf("What {} sealed does not open.", name),
                  tr("This machine computes wrongly: do not trust backups made on it."));
  };
  results.rates.push_back({name, "open", rate_of(plain.size(), open, stop)});
}

void add_hashes(ByteView plain, const std::stop_token& stop, CryptoBenchmark& results) {
  const auto add = [&](const char* name, ByteView input, const std::function<void()>& run) {
    results.rates.push_back({name, "hash", rate_of(input.size(), run, stop)});
  };
  const Id32 key = random_id<32>();
  Id32 result;
  add("sha256", plain, [&] { result = sha256(plain); });
  add("hmac-sha256", plain, [&] { result = hmac_sha256(key.view(), plain); });
  ChunkHasher hasher(key.view());
  const ByteView chunk = plain.first(kChunkSize);
  add("chunk-id", chunk, [&] { result = hasher.id(ChunkType::data, chunk); });
}

}  // namespace

CryptoBenchmark benchmark_crypto(std::stop_token stop) {
  Bytes plain(kBufferSize);
  fill_random(plain);
  CryptoBenchmark results;
  for (const CipherSuite suite : kCipherSuites) {
    try {
      add_suite(suite, plain, stop, results);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unsupported) throw;
    }
  }
  add_hashes(plain, stop, results);
  for (const PasswordKdf kdf : kPasswordKdfs) {
    const PasswordKdfParams params = default_kdf_params(kdf);
    if (in_fips_mode() && !is_approved(params)) continue;
    const std::chrono::nanoseconds begun = steady_clock();
    (void)derive_password_key(view_of("a password"), random_id<16>().view(), params);
    results.derivations.push_back({params, seconds_since(begun)});
  }
  return results;
}

}  // namespace igudar
