#include "compress/codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "base/error.h"

namespace igudar {

namespace {

Bytes random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  Bytes data(size);
  for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(generator());
  return data;
}

Bytes text_bytes(std::size_t size) {
  const std::vector<std::string_view> words{"granary ",  "key ",      "the ", "of ",
                                            "amazigh\n", "snapshot ", "a ",   "x();\n"};
  std::mt19937 generator(1);
  Bytes data;
  while (data.size() < size) append(data, view_of(words[generator() % words.size()]));
  data.resize(size);
  return data;
}

// Every codec at each of its levels.
std::vector<CompressionSetting> all_settings() {
  std::vector<CompressionSetting> settings;
  for (const std::string name : {"zstd", "lz4", "zlib", "bzip2", "lzma"})
    for (int level = 0; level <= 22; ++level)
      if (const auto setting = parse_compression(name + ":" + std::to_string(level))) settings.push_back(*setting);
  return settings;
}

std::vector<CompressionSetting> default_settings() {
  std::vector<CompressionSetting> settings;
  for (const std::string_view name : {"zstd", "lz4", "lz4:9", "zlib", "bzip2", "lzma"})
    settings.push_back(*parse_compression(name));
  return settings;
}

Bytes compressed(const CompressionSetting& setting, ByteView plain) {
  Compressor compressor;
  Buffer out;
  EXPECT_TRUE(compressor.compress(setting, plain, out));
  return copy_of(out.view());
}

bool is_refused(Compressor& compressor, Codec codec, ByteView input, std::size_t plain_size) {
  Buffer out;
  try {
    compressor.decompress(codec, input, plain_size, out);
    EXPECT_EQ(out.size(), plain_size);
    return false;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::damaged);
    return true;
  }
}

std::string name_of(const CompressionSetting& setting) {
  return "codec " + std::to_string(static_cast<int>(setting.codec)) + " level " + std::to_string(setting.level);
}

}  // namespace

TEST(Compressor, gives_back_what_it_took_with_every_codec_and_level) {
  const std::vector<Bytes> inputs{Bytes(100, 'a'), text_bytes(5000), Bytes(300'000), text_bytes(200'001)};
  const auto settings = all_settings();
  EXPECT_EQ(settings.size(), 22U + 12 + 9 + 9 + 10);
  Compressor compressor;
  Buffer packed;
  Buffer plain;
  for (const CompressionSetting& setting : settings) {
    SCOPED_TRACE(name_of(setting));
    for (const Bytes& input : inputs) {
      ASSERT_TRUE(compressor.compress(setting, input, packed)) << input.size();
      EXPECT_LT(packed.size(), input.size());
      compressor.decompress(setting.codec, packed.view(), input.size(), plain);
      EXPECT_TRUE(equal(plain.view(), input)) << input.size();
    }
  }
}

TEST(Compressor, says_when_the_result_would_not_be_smaller) {
  const Bytes random = random_bytes(100'000, 2);
  Compressor compressor;
  Buffer out;
  for (const CompressionSetting& setting : default_settings()) {
    SCOPED_TRACE(name_of(setting));
    EXPECT_FALSE(compressor.compress(setting, random, out));
    EXPECT_FALSE(compressor.compress(setting, view_of("ab"), out));
    EXPECT_FALSE(compressor.compress(setting, view_of("a"), out));
    EXPECT_FALSE(compressor.compress(setting, {}, out));
    EXPECT_TRUE(compressor.compress(setting, Bytes(1000), out));
  }
  EXPECT_FALSE(compressor.compress({.codec = Codec::raw}, Bytes(1000), out));
}

TEST(Compressor, takes_raw_data_as_it_is) {
  Compressor compressor;
  Buffer out;
  compressor.decompress(Codec::raw, view_of("plain"), 5, out);
  EXPECT_EQ(text_of(out.view()), "plain");
  compressor.decompress(Codec::raw, {}, 0, out);
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(is_refused(compressor, Codec::raw, view_of("plain"), 4));
  EXPECT_TRUE(is_refused(compressor, Codec::raw, view_of("plain"), 6));
}

TEST(Compressor, refuses_a_wrong_plain_size) {
  const Bytes input = text_bytes(10'000);
  Compressor compressor;
  for (const CompressionSetting& setting : default_settings()) {
    SCOPED_TRACE(name_of(setting));
    const Bytes packed = compressed(setting, input);
    for (const std::size_t size : {0UL, 1UL, 9'999UL, 10'001UL, 20'000UL})
      EXPECT_TRUE(is_refused(compressor, setting.codec, packed, size)) << size;
    EXPECT_FALSE(is_refused(compressor, setting.codec, packed, 10'000));
  }
}

TEST(Compressor, writes_nothing_past_the_plain_size) {
  const Bytes input = text_bytes(10'000);
  Compressor compressor;
  for (const CompressionSetting& setting : default_settings()) {
    SCOPED_TRACE(name_of(setting));
    const Bytes packed = compressed(setting, input);
    Buffer out;
    out.resize(20'000);
    std::fill_n(out.data(), 20'000, std::uint8_t{0xee});
    EXPECT_THROW(compressor.decompress(setting.codec, packed, 5'000, out), Error);
    EXPECT_EQ(std::count(out.data() + 5'000, out.data() + 20'000, 0xee), 15'000);
  }
}

TEST(Compressor, refuses_truncated_input_and_anything_that_follows) {
  const Bytes input = text_bytes(10'000);
  Compressor compressor;
  for (const CompressionSetting& setting : default_settings()) {
    SCOPED_TRACE(name_of(setting));
    const Bytes packed = compressed(setting, input);
    for (std::size_t size = 0; size < packed.size(); size += 1 + size / 50)
      EXPECT_TRUE(is_refused(compressor, setting.codec, ByteView(packed).first(size), input.size())) << size;
    EXPECT_TRUE(is_refused(compressor, setting.codec, ByteView(packed).first(packed.size() - 1), input.size()));
    for (const Bytes& follows : {Bytes{0}, Bytes(4), Bytes{1, 2, 3}, packed, compressed(setting, Bytes(100))}) {
      Bytes longer = packed;
      append(longer, follows);
      EXPECT_TRUE(is_refused(compressor, setting.codec, longer, input.size())) << follows.size();
    }
  }
}

TEST(Compressor, refuses_a_skippable_zstd_frame) {
  const Bytes skippable{0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0};
  Bytes packed = compressed({}, Bytes(1000));
  Compressor compressor;
  EXPECT_TRUE(is_refused(compressor, Codec::zstd, skippable, 0));
  Bytes before = skippable;
  append(before, packed);
  EXPECT_TRUE(is_refused(compressor, Codec::zstd, before, 1000));
  append(packed, skippable);
  EXPECT_TRUE(is_refused(compressor, Codec::zstd, packed, 1000));
}

// What the bits say may still be valid; it must be of the right size then, and the next call must not suffer.
TEST(Compressor, survives_every_flipped_bit) {
  const Bytes input = text_bytes(1500);
  Compressor compressor;
  Buffer plain;
  for (const CompressionSetting& setting : default_settings()) {
    SCOPED_TRACE(name_of(setting));
    const Bytes packed = compressed(setting, input);
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
      Bytes bad = packed;
      bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ 1U << bit % 8);
      if (is_refused(compressor, setting.codec, bad, input.size())) ++refused;
    }
    EXPECT_GT(refused, 0U);
    compressor.decompress(setting.codec, packed, input.size(), plain);
    EXPECT_TRUE(equal(plain.view(), input));
  }
}

TEST(Compressor, refuses_noise) {
  Compressor compressor;
  for (const CompressionSetting& setting : default_settings())
    for (unsigned seed = 0; seed < 200; ++seed)
      EXPECT_TRUE(is_refused(compressor, setting.codec, random_bytes(seed, seed), 1 << 16)) << name_of(setting);
}

TEST(Compressor, refuses_lzma_that_wants_more_memory_than_permitted) {
  Bytes packed = compressed(*parse_compression("lzma"), Bytes(1000));
  // The block header: its size, flags, lengths, filter id, size of properties, dictionary size, padding, CRC-32.
  constexpr std::size_t kBlockHeader = 12;
  const Bytes filter{0x21, 1};
  const auto found = std::search(packed.begin() + kBlockHeader, packed.end(), filter.begin(), filter.end());
  ASSERT_LT(found, packed.begin() + 2 * kBlockHeader);
  std::uint8_t& dictionary_size = *(found + 2);
  const std::size_t header_size = (packed[kBlockHeader] + 1U) * 4;
  const auto set_crc = [&] {
    std::uint32_t crc = 0xffffffff;
    for (std::size_t i = 0; i + 4 < header_size; ++i) {
      crc ^= packed[kBlockHeader + i];
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i)
      packed[kBlockHeader + header_size - 4 + i] = static_cast<std::uint8_t>(~crc >> (8 * i));
  };
  Compressor compressor;
  dictionary_size = 30;  // 128 MiB
  set_crc();
  EXPECT_FALSE(is_refused(compressor, Codec::lzma, packed, 1000));
  dictionary_size = 34;  // 512 MiB
  set_crc();
  EXPECT_TRUE(is_refused(compressor, Codec::lzma, packed, 1000));
}

TEST(Compressor, refuses_unknown_codecs_and_levels) {
  Compressor compressor;
  Buffer out;
  EXPECT_TRUE(is_refused(compressor, static_cast<Codec>(6), view_of("x"), 1));
  EXPECT_THROW(compressor.compress({static_cast<Codec>(6), 1}, Bytes(100), out), Error);
  EXPECT_THROW(compressor.compress({Codec::zstd, 23}, Bytes(100), out), Error);
  EXPECT_THROW(compressor.compress({Codec::zlib, 0}, Bytes(100), out), Error);
}

TEST(Parse_compression, reads_what_a_person_writes) {
  const auto reads = [](std::string_view text, Codec codec, int level) {
    const auto setting = parse_compression(text);
    return setting && setting->codec == codec && setting->level == level;
  };
  EXPECT_TRUE(reads("none", Codec::raw, 0));
  EXPECT_TRUE(reads("zstd", Codec::zstd, 3));
  EXPECT_TRUE(reads("zstd:9", Codec::zstd, 9));
  EXPECT_TRUE(reads("lz4", Codec::lz4, 1));
  EXPECT_TRUE(reads("zlib:6", Codec::zlib, 6));
  EXPECT_TRUE(reads("bzip2", Codec::bzip2, 9));
  EXPECT_TRUE(reads("lzma:3", Codec::lzma, 3));
  EXPECT_TRUE(reads("lzma:0", Codec::lzma, 0));
}

TEST(Parse_compression, refuses_the_rest) {
  for (const std::string_view text : {"", "gzip", "ZSTD", "zstd:", "zstd:0", "zstd:23", "zstd:3x", "zstd: 3", "zstd:-1",
                                      "lz4:13", "zlib:10", "none:1", "raw", ":3", "zstd:99999999999"})
    EXPECT_FALSE(parse_compression(text)) << text;
}

}  // namespace igudar
