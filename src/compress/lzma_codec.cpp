#include <lzma.h>

#include <algorithm>
#include <array>
#include <new>

#include "compress/block_codec.h"

namespace igudar {

namespace {

constexpr std::uint64_t kMostDecoderMemory = 256ULL << 20;

class LzmaCodec final : public BlockCodec {
 public:
  std::size_t compress(int level, ByteView plain, MutableByteView out) override {
    lzma_options_lzma options{};
    if (lzma_lzma_preset(&options, static_cast<std::uint32_t>(level)) != 0) return 0;
    // A dictionary larger than the input finds nothing more, yet its memory is taken all the same (level 9: 674 MiB).
    const auto largest_useful = std::max<std::size_t>(plain.size(), LZMA_DICT_SIZE_MIN);
    options.dict_size = static_cast<std::uint32_t>(std::min<std::size_t>(options.dict_size, largest_useful));
    std::array<lzma_filter, 2> filters{{{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
    std::size_t size = 0;
    const lzma_ret result = lzma_stream_buffer_encode(filters.data(), LZMA_CHECK_NONE, nullptr, plain.data(),
                                                      plain.size(), out.data(), &size, out.size());
    if (result == LZMA_MEM_ERROR) throw std::bad_alloc();
    return result == LZMA_OK ? size : 0;
  }

  bool decompress(ByteView compressed, MutableByteView plain) override {
    std::uint64_t memory_limit = kMostDecoderMemory;
    std::size_t read = 0;
    std::size_t written = 0;
    const lzma_ret result = lzma_stream_buffer_decode(&memory_limit, 0, nullptr, compressed.data(), &read,
                                                      compressed.size(), plain.data(), &written, plain.size());
    if (result == LZMA_MEM_ERROR) throw std::bad_alloc();
    return result == LZMA_OK && read == compressed.size() && written == plain.size();
  }
};

}  // namespace

std::unique_ptr<BlockCodec> make_lzma_codec() {
  return std::make_unique<LzmaCodec>();
}

}  // namespace igudar
