// Whether the time that a password takes says anything of it: right and wrong ones are to take the same.

#include <benchmark/benchmark.h>

#include "repo/repo_testing.h"

namespace igudar::bench {

namespace {

// With one slot, and the derivation that `init` takes by default. The right password is "secret".
const testing::RepositoryFixture& locked_repository() {
  static const testing::RepositoryFixture fixture{InitOptions{}};
  return fixture;
}

void try_password(benchmark::State& state, const char* password) {
  const testing::RepositoryFixture& fixture = locked_repository();
  for (auto _ : state) {
    try {
      benchmark::DoNotOptimize(fixture.open(password));
    } catch (const Error& error) {
      benchmark::DoNotOptimize(error.code());
    }
  }
}

BENCHMARK_CAPTURE(try_password, right, "secret")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(try_password, wrong_at_first, "Secret")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(try_password, wrong_at_last, "secreT")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(try_password, of_another_length, "a much longer one that is wrong from its beginning to its end")
    ->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace igudar::bench
