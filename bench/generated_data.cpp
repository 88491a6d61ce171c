#include "bench/generated_data.h"

#include <cmath>
#include <random>

namespace igudar::bench {

namespace {

constexpr std::size_t kWords = 4000;

std::vector<std::string> make_words(std::mt19937_64& random) {
  std::vector<std::string> words(kWords);
  for (std::string& word : words)
    for (std::uint64_t length = 2 + random() % 9; length > 0; --length) word += static_cast<char>('a' + random() % 26);
  return words;
}

}  // namespace

Bytes random_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() >> 56);
  return bytes;
}

Bytes generated_text(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const std::vector<std::string> words = make_words(random);
  std::uniform_real_distribution<double> share(0, 1);
  Bytes text;
  text.reserve(size + 32);
  for (std::size_t line = 0; text.size() < size;) {
    // Frequencies fall with the rank, as Zipf's law has it.
    const auto rank = static_cast<std::size_t>(std::pow(static_cast<double>(kWords), share(random))) - 1;
    append(text, view_of(words[rank]));
    const bool ends_line = ++line % 12 == 0;
    text.push_back(ends_line ? '\n' : ' ');
  }
  text.resize(size);
  return text;
}

std::vector<ChunkId> random_ids(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<ChunkId> ids(count);
  for (ChunkId& id : ids)
    for (std::size_t at = 0; at < id.bytes.size(); at += 8) {
      const std::uint64_t word = random();
      std::memcpy(id.bytes.data() + at, &word, sizeof word);
    }
  return ids;
}

}  // namespace igudar::bench
