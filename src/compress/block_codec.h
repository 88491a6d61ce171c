#pragma once

#include <memory>

#include "base/bytes.h"

namespace igudar {

// One compression format with its working memory, which is kept between calls. For compress/ alone: other folders use
// Compressor, which checks levels and sizes and turns refusals into Errors.
//
// Both methods take from 1 byte to 1 GiB of plain bytes. Not thread-safe.
// Errors: std::bad_alloc when there is no memory for the working state.
class BlockCodec {
 public:
  virtual ~BlockCodec() = default;

  // Writes the compressed form of `plain` to the start of `out` and returns its size; 0 when it does not fit.
  virtual std::size_t compress(int level, ByteView plain, MutableByteView out) = 0;

  // True when `compressed` was wholly read, valid, and filled `plain` exactly. Never writes elsewhere.
  [[nodiscard]] virtual bool decompress(ByteView compressed, MutableByteView plain) = 0;
};

std::unique_ptr<BlockCodec> make_zstd_codec();
std::unique_ptr<BlockCodec> make_lz4_codec();
std::unique_ptr<BlockCodec> make_zlib_codec();
std::unique_ptr<BlockCodec> make_bzip2_codec();
std::unique_ptr<BlockCodec> make_lzma_codec();

}  // namespace igudar
