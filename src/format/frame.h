#pragma once

#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "compress/codec.h"
#include "format/byte_reader.h"
#include "format/byte_writer.h"
#include "format/chunk.h"

namespace igudar {

// All that describes one sealed frame but for where it lies (docs/format.md sections 7 and 8).
struct FrameInfo {
  ChunkType type = ChunkType::data;
  Codec codec = Codec::raw;
  CipherSuite suite = CipherSuite::aes_256_gcm;  // its session's
  std::uint32_t session = 0;                     // ordinal in the session list beside it
  std::uint32_t stream = 0;
  std::uint64_t counter = 0;
  std::uint64_t first_ordinal = 0;  // of its first chunk, in the stream
  std::uint32_t plain_size = 0;
  std::uint32_t compressed_size = 0;
  std::uint32_t padding = 0;
  std::uint32_t chunks = 0;

  std::uint64_t sealed_size() const { return std::uint64_t{compressed_size} + padding + seal_overhead(suite); }
  bool operator==(const FrameInfo&) const = default;
};
// Throws damaged unless types, codec and sizes are among those allowed.
void check_frame_info(const FrameInfo& info);

// The list of sessions in tables of contents and index segments. Reading throws damaged or unsupported.
void write_sessions(ByteWriter& writer, const std::vector<SessionRef>& sessions);
std::vector<SessionRef> read_sessions(ByteReader& reader);

// What seals the frames of a stream, from the session key of their type.
SuiteCipher stream_cipher(CipherSuite suite, ByteView session_key, const SessionId& session, std::uint32_t stream);

// Seals `compressed` (already compressed by info.codec, compressed_size bytes) into `out`, replacing its content.
// `epoch` is the session's, info.suite the cipher's, here and in open_frame().
void seal_frame(SuiteCipher& cipher, std::uint16_t epoch, const SessionId& session, const FrameInfo& info,
                ByteView compressed, Buffer& out);
// Opens `sealed` (info.sealed_size() bytes) and decompresses it into `out`, replacing its content: exactly plain_size
// bytes. `scratch` holds the decrypted form. Throws damaged.
void open_frame(SuiteCipher& cipher, std::uint16_t epoch, const SessionId& session, const FrameInfo& info,
                ByteView sealed, Compressor& compressor, Buffer& scratch, Buffer& out);

}  // namespace igudar
