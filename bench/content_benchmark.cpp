// What happens to every byte of a file: cut, named, compressed, sealed.

#include <benchmark/benchmark.h>

#include "bench/generated_data.h"
#include "chunking/fast_cdc.h"
#include "compress/codec.h"
#include "crypto/cipher_suite.h"
#include "crypto/sha256_pieces.h"
#include "format/chunk_hasher.h"
#include "format/pack.h"

namespace igudar::bench {

namespace {

constexpr std::size_t kFrame = 4U << 20;

ByteView key() {
  return view_of("0123456789abcdef0123456789abcdef");
}

void count_bytes(benchmark::State& state, std::size_t each) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(each));
}

void fast_cdc(benchmark::State& state) {
  const Bytes data = random_bytes(32U << 20);
  const FastCdc cdc(ChunkSizes{}, key());
  for (auto _ : state)
    for (ByteView rest = data; !rest.empty();) rest = rest.subspan(*cdc.next_cut(rest, true));
  count_bytes(state, data.size());
}
BENCHMARK(fast_cdc);

void chunk_id(benchmark::State& state) {
  const Bytes data = random_bytes(static_cast<std::size_t>(state.range(0)));
  ChunkHasher hasher(key());
  for (auto _ : state) benchmark::DoNotOptimize(hasher.id(ChunkType::data, data));
  count_bytes(state, data.size());
}
BENCHMARK(chunk_id)->Arg(100)->Arg(8192)->Arg(16384)->Arg(1 << 20);

void block_hashes(benchmark::State& state) {
  const Bytes data = random_bytes(kFrame);
  std::vector<Id32> digests;
  for (auto _ : state) {
    sha256_of_pieces(data, kHashBlock, digests);
    benchmark::DoNotOptimize(digests.data());
  }
  count_bytes(state, data.size());
}
BENCHMARK(block_hashes);

SuiteCipher cipher_of(const benchmark::State& state) {
  return {static_cast<CipherSuite>(state.range(0)), key(), {}, "benchmark"};
}

void suite_seal(benchmark::State& state) {
  const Bytes plain = random_bytes(static_cast<std::size_t>(state.range(1)));
  SuiteCipher cipher = cipher_of(state);
  Bytes sealed(plain.size() + seal_overhead(cipher.suite()));
  std::uint64_t counter = 0;
  for (auto _ : state) cipher.seal(counter_nonce(counter++), {}, plain, sealed);
  count_bytes(state, plain.size());
}
BENCHMARK(suite_seal)->ArgsProduct({{1, 2}, {4096, kFrame}});

void suite_open(benchmark::State& state) {
  const Bytes plain = random_bytes(static_cast<std::size_t>(state.range(1)));
  SuiteCipher cipher = cipher_of(state);
  Bytes sealed(plain.size() + seal_overhead(cipher.suite()));
  Bytes opened(sealed.size() - kAeadTagSize);
  cipher.seal(counter_nonce(0), {}, plain, sealed);
  for (auto _ : state)
    if (!cipher.open(counter_nonce(0), {}, sealed, opened)) state.SkipWithError("does not open");
  count_bytes(state, plain.size());
}
BENCHMARK(suite_open)->ArgsProduct({{1, 2}, {4096, kFrame}});

// The cipher alone, without the suite around it: what suite 1 must not be slower than.
void aead_seal(benchmark::State& state) {
  const Bytes plain = random_bytes(static_cast<std::size_t>(state.range(0)));
  Bytes sealed(plain.size() + kAeadTagSize);
  Aead aead(AeadCipher::aes_256_gcm, key());
  std::uint64_t counter = 0;
  for (auto _ : state) aead.seal(counter_nonce(counter++), {}, plain, sealed);
  count_bytes(state, plain.size());
}
BENCHMARK(aead_seal)->Arg(4096)->Arg(kFrame);

void zstd_compress(benchmark::State& state) {
  const Bytes text = generated_text(kFrame);
  Compressor compressor;
  Buffer out;
  for (auto _ : state)
    if (!compressor.compress({Codec::zstd, static_cast<int>(state.range(0))}, text, out))
      state.SkipWithError("not smaller");
  count_bytes(state, text.size());
  state.counters["share"] = static_cast<double>(out.size()) / static_cast<double>(text.size());
}
BENCHMARK(zstd_compress)->Arg(kAdaptiveGathered)->Arg(kAdaptiveLarge)->Arg(1)->Arg(2)->Arg(3)->Arg(4);

void zstd_decompress(benchmark::State& state) {
  const Bytes text = generated_text(kFrame);
  Compressor compressor;
  Buffer compressed;
  Buffer plain;
  compressor.compress({}, text, compressed);
  for (auto _ : state) compressor.decompress(Codec::zstd, compressed.view(), text.size(), plain);
  count_bytes(state, text.size());
}
BENCHMARK(zstd_decompress);

void guess_compressible(benchmark::State& state, Bytes (*make)(std::size_t, std::uint64_t)) {
  const Bytes data = make(kFrame, 1);
  for (auto _ : state) benchmark::DoNotOptimize(looks_compressible(data));
}
BENCHMARK_CAPTURE(guess_compressible, text, generated_text);
BENCHMARK_CAPTURE(guess_compressible, random, random_bytes);

}  // namespace

}  // namespace igudar::bench
