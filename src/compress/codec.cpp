#include "compress/codec.h"

#include <array>
#include <charconv>

#include "base/error.h"
#include "base/translate.h"
#include "compress/block_codec.h"

namespace igudar {

namespace {

constexpr std::size_t kMostPlainBytes = std::size_t{1} << 30;

struct CodecFacts {
  Codec codec;
  std::string_view name;
  int least_level;
  int most_level;
  int default_level;
  std::unique_ptr<BlockCodec> (*make)();
};

// In the order of their numbers.
constexpr std::array<CodecFacts, 6> kCodecs{{
    {Codec::raw, "none", 0, 0, 0, nullptr},
    {Codec::zstd, "zstd", kAdaptiveLarge, 22, 3, make_zstd_codec},
    {Codec::lz4, "lz4", 1, 12, 1, make_lz4_codec},
    {Codec::zlib, "zlib", 1, 9, 6, make_zlib_codec},
    {Codec::bzip2, "bzip2", 1, 9, 9, make_bzip2_codec},
    {Codec::lzma, "lzma", 0, 9, 6, make_lzma_codec},
}};

// nullptr when the number is not one of a codec.
const CodecFacts* facts_of(Codec codec) {
  const auto number = static_cast<std::size_t>(codec);
  return number < kCodecs.size() ? &kCodecs[number] : nullptr;
}

bool level_fits(const CodecFacts& facts, int level) {
  return level >= facts.least_level && level <= facts.most_level;
}

std::optional<int> parse_level(std::string_view text) {
  int level = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), level);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return level;
}

[[noreturn]] void throw_damaged(std::string_view codec_name, std::size_t plain_size) {
  throw Error(ErrorCode::damaged, trf("Compressed data ({}) is not valid or does not hold the {} bytes that it should.",
                                      codec_name, plain_size));
}

}  // namespace

std::optional<CompressionSetting> parse_compression(std::string_view text) {
  if (text == "auto") return CompressionSetting{};
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  for (const CodecFacts& facts : kCodecs) {
    if (facts.name != name) continue;
    if (colon == std::string_view::npos) return CompressionSetting{facts.codec, facts.default_level};
    const std::optional<int> level = parse_level(text.substr(colon + 1));
    const bool adaptive = facts.codec == Codec::zstd && level && *level <= kAdaptiveGathered;
    if (facts.codec == Codec::raw || !level || adaptive || !level_fits(facts, *level)) return std::nullopt;
    return CompressionSetting{facts.codec, *level};
  }
  return std::nullopt;
}

struct Compressor::State {
  std::array<std::unique_ptr<BlockCodec>, kCodecs.size()> codecs;

  BlockCodec& codec(const CodecFacts& facts) {
    auto& codec = codecs[static_cast<std::size_t>(facts.codec)];
    if (!codec) codec = facts.make();
    return *codec;
  }
};

Compressor::Compressor() : state_(std::make_unique<State>()) {}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;

bool Compressor::compress(const CompressionSetting& setting, ByteView plain, Buffer& out) {
  if (setting.codec == Codec::raw) return false;
  const CodecFacts* facts = facts_of(setting.codec);
  if (facts == nullptr || !level_fits(*facts, setting.level))
    throw Error(ErrorCode::usage, trf("There is no compression number {} with the level {}.",
                                      static_cast<unsigned>(setting.codec), setting.level));
  if (plain.size() < 2 || plain.size() > kMostPlainBytes) return false;
  out.resize(plain.size() - 1);
  const std::size_t size = state_->codec(*facts).compress(setting.level, plain, out.span());
  out.resize(size);
  return size > 0;
}

void Compressor::decompress(Codec codec, ByteView compressed, std::size_t plain_size, Buffer& out) {
  const CodecFacts* facts = facts_of(codec);
  if (facts == nullptr)
    throw Error(ErrorCode::damaged,
                trf("Compressed data bears an unknown codec number: {}.", static_cast<unsigned>(codec)));
  if (codec == Codec::raw) {
    if (compressed.size() != plain_size) throw_damaged(facts->name, plain_size);
    out.clear();
    out.append(compressed);
    return;
  }
  if (plain_size == 0 || plain_size > kMostPlainBytes || compressed.empty() || compressed.size() > kMostPlainBytes)
    throw_damaged(facts->name, plain_size);
  out.resize(plain_size);
  if (!state_->codec(*facts).decompress(compressed, out.span())) throw_damaged(facts->name, plain_size);
}

}  // namespace igudar
