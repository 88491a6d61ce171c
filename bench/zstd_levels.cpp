// Size and speed of zstd's levels and of the adaptive parameters, frame by frame as a backup compresses:
//
//   igudar_zstd_levels FILE [FRAME-BYTES]      (4,194,304)
//
// Prints a Markdown table: the compressed size, its share of the plain one, and megabytes of plain data a second of
// processor time on one thread, the best of three passes over the file.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

#include "compress/codec.h"

namespace igudar {

namespace {

constexpr int kPasses = 3;

struct Measured {
  std::uint64_t size = 0;
  double seconds = 0;
};

// Processor time, which other work on the machine disturbs less than wall time.
double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Measured measure(int level, ByteView content, std::size_t frame_size) {
  Compressor compressor;
  Buffer out;
  Measured best;
  for (int pass = 0; pass < kPasses; ++pass) {
    Measured now;
    const double started = cpu_seconds();
    for (std::size_t at = 0; at < content.size(); at += frame_size) {
      const ByteView frame = content.subspan(at, std::min(frame_size, content.size() - at));
      now.size += compressor.compress({Codec::zstd, level}, frame, out) ? out.size() : frame.size();
    }
    now.seconds = cpu_seconds() - started;
    if (pass == 0 || now.seconds < best.seconds) best = now;
  }
  return best;
}

void print_table(ByteView content, std::size_t frame_size) {
  const std::pair<const char*, int> settings[] = {{"1", 1},
                                                  {"2", 2},
                                                  {"3", 3},
                                                  {"4", 4},
                                                  {"adaptive, gathered", kAdaptiveGathered},
                                                  {"adaptive, large", kAdaptiveLarge}};
  const auto plain = static_cast<double>(content.size());
  std::puts("| level | bytes | share | MB/s |\n|---|---|---|---|");
  for (const auto& [name, level] : settings) {
    const Measured result = measure(level, content, frame_size);
    std::printf("| %s | %llu | %.2f %% | %.0f |\n", name, static_cast<unsigned long long>(result.size),
                100 * static_cast<double>(result.size) / plain, plain / 1e6 / result.seconds);
  }
}

}  // namespace

}  // namespace igudar

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fputs("usage: igudar_zstd_levels FILE [FRAME-BYTES]\n", stderr);
    return 2;
  }
  try {
    std::ifstream file(argv[1], std::ios::binary);
    if (!file) throw std::runtime_error(std::string("cannot read ") + argv[1]);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    const std::size_t frame_size = argc > 2 ? std::stoul(argv[2]) : 4U << 20;
    if (content.empty() || frame_size == 0) throw std::runtime_error("nothing to measure");
    igudar::print_table(igudar::view_of(content), frame_size);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "igudar_zstd_levels: %s\n", error.what());
    return 1;
  }
}
