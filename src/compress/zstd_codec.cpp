#include <zstd.h>

#include <new>

#include "compress/block_codec.h"

namespace igudar {

namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdCodec final : public BlockCodec {
 public:
  std::size_t compress(int level, ByteView plain, MutableByteView out) override {
    if (!compressing_) compressing_.reset(ZSTD_createCCtx());
    if (!compressing_) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(compressing_.get(), ZSTD_c_compressionLevel, level);
    const std::size_t size = ZSTD_compress2(compressing_.get(), out.data(), out.size(), plain.data(), plain.size());
    return ZSTD_isError(size) != 0 ? 0 : size;
  }

  bool decompress(ByteView compressed, MutableByteView plain) override {
    if (!decompressing_) decompressing_.reset(ZSTD_createDCtx());
    if (!decompressing_) throw std::bad_alloc();
    // The decoder itself would also take several frames, and skippable ones.
    if (ZSTD_findFrameCompressedSize(compressed.data(), compressed.size()) != compressed.size()) return false;
    if (ZSTD_getFrameContentSize(compressed.data(), compressed.size()) != plain.size()) return false;
    return ZSTD_decompressDCtx(decompressing_.get(), plain.data(), plain.size(), compressed.data(),
                               compressed.size()) == plain.size();
  }

 private:
  std::unique_ptr<ZSTD_CCtx, FreeContext> compressing_;
  std::unique_ptr<ZSTD_DCtx, FreeContext> decompressing_;
};

}  // namespace

std::unique_ptr<BlockCodec> make_zstd_codec() {
  return std::make_unique<ZstdCodec>();
}

}  // namespace igudar
