#include "format/frame.h"

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {

Bytes associated_data(std::uint16_t epoch, const SessionId& session, const FrameInfo& info) {
  Bytes aad;
  aad.reserve(49);
  ByteWriter writer(aad);
  writer.u8(static_cast<std::uint8_t>(info.suite));
  writer.u8(static_cast<std::uint8_t>(info.type));
  writer.u8(static_cast<std::uint8_t>(info.codec));
  writer.u16(epoch);
  writer.raw(session.view());
  writer.u32(info.stream);
  writer.u64(info.counter);
  writer.u32(info.plain_size);
  writer.u32(info.compressed_size);
  writer.u32(info.padding);
  return aad;
}

[[noreturn]] void throw_not_decrypting() {
  throw Error(ErrorCode::damaged, tr("a frame does not decrypt: its bytes were altered"));
}

}  // namespace

void check_frame_info(const FrameInfo& info) {
  const auto type = static_cast<std::uint8_t>(info.type);
  const bool sound = type >= 1 && type <= 4 && static_cast<std::uint8_t>(info.codec) <= 5 && info.chunks >= 1 &&
                     info.plain_size <= kLargestFrame && info.compressed_size <= kLargestFrame &&
                     info.padding <= kLargestFrame &&
                     (info.codec != Codec::raw || info.compressed_size == info.plain_size);
  if (!sound) throw Error(ErrorCode::damaged, tr("the description of a frame is malformed"));
}

void write_sessions(ByteWriter& writer, const std::vector<SessionRef>& sessions) {
  writer.varint(sessions.size());
  for (const SessionRef& session : sessions) {
    writer.raw(session.id.view());
    writer.u16(session.epoch);
    writer.u8(static_cast<std::uint8_t>(session.suite));
    writer.u16(session.sealed_secret.epoch());
    writer.bytes(session.sealed_secret.view());
  }
}

std::vector<SessionRef> read_sessions(ByteReader& reader) {
  std::vector<SessionRef> sessions(reader.count(16 + 2 + 1 + 2 + 1 + SealedSecret::kSmallest));
  for (SessionRef& session : sessions) {
    session.id = reader.id<16>();
    session.epoch = reader.u16();
    session.suite = require_cipher_suite(reader.u8());
    const std::uint16_t sealed_to = reader.u16();
    session.sealed_secret = SealedSecret(sealed_to, reader.bytes());
  }
  return sessions;
}

SuiteCipher stream_cipher(CipherSuite suite, ByteView session_key, const SessionId& session, std::uint32_t stream) {
  std::string info = "igudar stream ";
  for (unsigned shift = 0; shift < 32; shift += 8) info += static_cast<char>(stream >> shift & 0xff);
  return {suite, session_key, session.view(), info};
}

void seal_frame(SuiteCipher& cipher, std::uint16_t epoch, const SessionId& session, const FrameInfo& info,
                ByteView compressed, Buffer& out) {
  const AeadNonce nonce = counter_nonce(info.counter);
  const Bytes aad = associated_data(epoch, session, info);
  out.resize(static_cast<std::size_t>(info.sealed_size()));
  if (info.padding == 0) {
    cipher.seal(nonce, aad, compressed, out.span());
    return;
  }
  std::memcpy(out.data(), compressed.data(), compressed.size());
  std::memset(out.data() + compressed.size(), 0, info.padding);
  cipher.seal(nonce, aad, out.view().first(compressed.size() + info.padding), out.span());
}

void open_frame(SuiteCipher& cipher, std::uint16_t epoch, const SessionId& session, const FrameInfo& info,
                ByteView sealed, Compressor& compressor, Buffer& scratch, Buffer& out) {
  if (sealed.size() != info.sealed_size()) throw_not_decrypting();
  Buffer& decrypted = info.codec == Codec::raw && info.padding == 0 ? out : scratch;
  decrypted.resize(sealed.size() - kAeadTagSize);
  if (!cipher.open(counter_nonce(info.counter), associated_data(epoch, session, info), sealed, decrypted.span()))
    throw_not_decrypting();
  decrypted.resize(sealed.size() - seal_overhead(info.suite));
  if (&decrypted == &out) return;
  compressor.decompress(info.codec, scratch.view().first(info.compressed_size), info.plain_size, out);
}

}  // namespace igudar
