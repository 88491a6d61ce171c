#define ZLIB_CONST
#include <zlib.h>

#include <new>
#include <optional>

#include "compress/block_codec.h"

namespace igudar {

namespace {

void point_at(z_stream& stream, ByteView in, MutableByteView out) {
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
}

// zlib's state points back at its z_stream, so that neither of these moves.
class Deflater {
 public:
  explicit Deflater(int level) : level_(level) {
    if (deflateInit(&stream_, level) != Z_OK) throw std::bad_alloc();
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  int level() const { return level_; }
  std::size_t run(ByteView plain, MutableByteView out) {
    deflateReset(&stream_);
    point_at(stream_, plain, out);
    return deflate(&stream_, Z_FINISH) == Z_STREAM_END ? out.size() - stream_.avail_out : 0;
  }

 private:
  z_stream stream_{};
  int level_;
};

class Inflater {
 public:
  Inflater() {
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool run(ByteView compressed, MutableByteView plain) {
    inflateReset(&stream_);
    point_at(stream_, compressed, plain);
    return inflate(&stream_, Z_FINISH) == Z_STREAM_END && stream_.avail_in == 0 && stream_.avail_out == 0;
  }

 private:
  z_stream stream_{};
};

class ZlibCodec final : public BlockCodec {
 public:
  std::size_t compress(int level, ByteView plain, MutableByteView out) override {
    if (!deflater_ || deflater_->level() != level) deflater_.emplace(level);
    return deflater_->run(plain, out);
  }

  bool decompress(ByteView compressed, MutableByteView plain) override {
    if (!inflater_) inflater_.emplace();
    return inflater_->run(compressed, plain);
  }

 private:
  std::optional<Deflater> deflater_;
  std::optional<Inflater> inflater_;
};

}  // namespace

std::unique_ptr<BlockCodec> make_zlib_codec() {
  return std::make_unique<ZlibCodec>();
}

}  // namespace igudar
