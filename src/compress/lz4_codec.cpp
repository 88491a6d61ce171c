#include <lz4.h>
#include <lz4hc.h>

#include "base/buffer.h"
#include "compress/block_codec.h"

namespace igudar {

namespace {

const char* chars(ByteView bytes) {
  return text_of(bytes).data();
}
char* chars(MutableByteView bytes) {
  return reinterpret_cast<char*>(bytes.data());
}

// Level 1 is the fast compressor, the others are those of LZ4 HC.
class Lz4Codec final : public BlockCodec {
 public:
  std::size_t compress(int level, ByteView plain, MutableByteView out) override {
    const int plain_size = static_cast<int>(plain.size());
    const int capacity = static_cast<int>(out.size());
    int size = 0;
    if (level == 1) {
      fast_.resize(static_cast<std::size_t>(LZ4_sizeofState()));
      size = LZ4_compress_fast_extState(fast_.data(), chars(plain), chars(out), plain_size, capacity, 1);
    } else {
      thorough_.resize(static_cast<std::size_t>(LZ4_sizeofStateHC()));
      size = LZ4_compress_HC_extStateHC(thorough_.data(), chars(plain), chars(out), plain_size, capacity, level);
    }
    return size > 0 ? static_cast<std::size_t>(size) : 0;
  }

  bool decompress(ByteView compressed, MutableByteView plain) override {
    const int plain_size = static_cast<int>(plain.size());
    return LZ4_decompress_safe(chars(compressed), chars(plain), static_cast<int>(compressed.size()), plain_size) ==
           plain_size;
  }

 private:
  Buffer fast_;
  Buffer thorough_;
};

}  // namespace

std::unique_ptr<BlockCodec> make_lz4_codec() {
  return std::make_unique<Lz4Codec>();
}

}  // namespace igudar
