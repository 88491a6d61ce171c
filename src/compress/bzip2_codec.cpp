#include <bzlib.h>

#include <new>

#include "compress/block_codec.h"

namespace igudar {

namespace {

// libbz2 only reads its input, but says so nowhere.
char* input_chars(ByteView bytes) {
  return const_cast<char*>(text_of(bytes).data());
}
char* chars(MutableByteView bytes) {
  return reinterpret_cast<char*>(bytes.data());
}

// libbz2 offers no way to use its memory again.
class Bzip2Codec final : public BlockCodec {
 public:
  std::size_t compress(int level, ByteView plain, MutableByteView out) override {
    auto size = static_cast<unsigned>(out.size());
    const int result = BZ2_bzBuffToBuffCompress(chars(out), &size, input_chars(plain),
                                                static_cast<unsigned>(plain.size()), level, 0, 0);
    if (result == BZ_MEM_ERROR) throw std::bad_alloc();
    return result == BZ_OK ? size : 0;
  }

  // The simple call, BZ2_bzBuffToBuffDecompress, does not tell whether bytes follow the stream.
  bool decompress(ByteView compressed, MutableByteView plain) override {
    bz_stream stream{};
    if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) throw std::bad_alloc();
    stream.next_in = input_chars(compressed);
    stream.avail_in = static_cast<unsigned>(compressed.size());
    stream.next_out = chars(plain);
    stream.avail_out = static_cast<unsigned>(plain.size());
    const int result = BZ2_bzDecompress(&stream);
    BZ2_bzDecompressEnd(&stream);
    if (result == BZ_MEM_ERROR) throw std::bad_alloc();
    return result == BZ_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0;
  }
};

}  // namespace

std::unique_ptr<BlockCodec> make_bzip2_codec() {
  return std::make_unique<Bzip2Codec>();
}

}  // namespace igudar
