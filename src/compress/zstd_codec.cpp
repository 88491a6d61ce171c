#include <zstd.h>

#include <new>

#include "base/free_with.h"
#include "compress/block_codec.h"
#include "compress/codec.h"

namespace igudar {

namespace {

// The measured parameters of the adaptive levels; a plain level lets zstd choose all of them.
void set_parameters(ZSTD_CCtx* context, int level) {
  ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
  if (level > kAdaptiveGathered) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    return;
  }
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 2);
  if (level != kAdaptiveLarge) return;
  ZSTD_CCtx_setParameter(context, ZSTD_c_strategy, ZSTD_fast);
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 22);
  ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, 18);
  ZSTD_CCtx_setParameter(context, ZSTD_c_minMatch, 6);
  ZSTD_CCtx_setParameter(context, ZSTD_c_targetLength, 0);
}

class ZstdCodec final : public BlockCodec {
 public:
  std::size_t compress(int level, ByteView plain, MutableByteView out) override {
    if (!compressing_) compressing_.reset(ZSTD_createCCtx());
    if (!compressing_) throw std::bad_alloc();
    set_parameters(compressing_.get(), level);
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
  OwnedBy<ZSTD_CCtx, ZSTD_freeCCtx> compressing_;
  OwnedBy<ZSTD_DCtx, ZSTD_freeDCtx> decompressing_;
};

}  // namespace

std::unique_ptr<BlockCodec> make_zstd_codec() {
  return std::make_unique<ZstdCodec>();
}

}  // namespace igudar
