#include "format/sealed_record.h"

#include <utility>

#include "base/error.h"
#include "base/translate.h"
#include "compress/codec.h"
#include "crypto/random.h"
#include "format/byte_reader.h"
#include "format/byte_writer.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestRecord = 256U << 20;
constexpr std::size_t kPrefixSize = 1 + kSaltSize;

SuiteCipher cipher_of(CipherSuite suite, ByteView purpose_key, std::string_view info, ByteView salt) {
  return {suite, purpose_key, salt, "igudar " + std::string(info)};
}

Bytes bound_to_suite(CipherSuite suite, ByteView aad) {
  Bytes bound{static_cast<std::uint8_t>(suite)};
  append(bound, aad);
  return bound;
}

Bytes encode_body(ByteView record) {
  Compressor compressor;
  Buffer compressed;
  const bool smaller = record.size() > 128 && compressor.compress({Codec::zstd, 3}, record, compressed);
  Bytes body;
  ByteWriter writer(body);
  writer.u8(static_cast<std::uint8_t>(smaller ? Codec::zstd : Codec::raw));
  writer.varint(record.size());
  writer.raw(smaller ? compressed.view() : record);
  return body;
}

}  // namespace

Bytes seal_record(CipherSuite suite, ByteView purpose_key, std::string_view info, ByteView aad, ByteView record) {
  return seal_record(suite, purpose_key, info, aad, record, random_id<32>());
}

Bytes seal_record(CipherSuite suite, ByteView purpose_key, std::string_view info, ByteView aad, ByteView record,
                  const Id32& salt) {
  const Bytes body = encode_body(record);
  Bytes sealed{static_cast<std::uint8_t>(suite)};
  append(sealed, salt.view());
  sealed.resize(kPrefixSize + body.size() + seal_overhead(suite));
  cipher_of(suite, purpose_key, info, salt.view())
      .seal(counter_nonce(0), bound_to_suite(suite, aad), body, MutableByteView(sealed).subspan(kPrefixSize));
  return sealed;
}

ByteView salt_of(ByteView sealed) {
  return sealed.subspan(1, kSaltSize);
}

namespace {

// The body inside the seal; nullopt when it does not decrypt.
std::optional<Bytes> unseal(ByteView purpose_key, std::string_view info, ByteView aad, ByteView sealed) {
  if (sealed.empty()) return std::nullopt;
  const CipherSuite suite = require_cipher_suite(sealed[0]);
  if (sealed.size() < kPrefixSize + seal_overhead(suite)) return std::nullopt;
  const ByteView ciphertext = sealed.subspan(kPrefixSize);
  Bytes body(ciphertext.size() - kAeadTagSize);
  if (!cipher_of(suite, purpose_key, info, salt_of(sealed))
           .open(counter_nonce(0), bound_to_suite(suite, aad), ciphertext, body))
    return std::nullopt;
  body.resize(ciphertext.size() - seal_overhead(suite));
  return body;
}

[[noreturn]] void throw_not_decrypting() {
  throw Error(ErrorCode::damaged,
              tr("a sealed record does not decrypt: it was altered or belongs to another repository"));
}

}  // namespace

std::optional<Bytes> try_open_record(ByteView purpose_key, std::string_view info, ByteView aad, ByteView sealed) {
  const std::optional<Bytes> body = unseal(purpose_key, info, aad, sealed);
  if (!body) return std::nullopt;
  return copy_of(decode_sealed_body(*body).view());
}

Bytes open_record(ByteView purpose_key, std::string_view info, ByteView aad, ByteView sealed) {
  std::optional<Bytes> record = try_open_record(purpose_key, info, aad, sealed);
  if (!record) throw_not_decrypting();
  return std::move(*record);
}

Buffer open_large_record(ByteView purpose_key, std::string_view info, std::size_t aad_size, Bytes object) {
  const ByteView whole = object;
  const std::optional<Bytes> body = unseal(purpose_key, info, whole.first(aad_size), whole.subspan(aad_size));
  if (!body) throw_not_decrypting();
  object = Bytes();
  return decode_sealed_body(*body);
}

Buffer decode_sealed_body(ByteView body) {
  ByteReader reader(body, "sealed record");
  const std::uint8_t codec = reader.u8();
  const std::uint64_t size = reader.varint_up_to(kLargestRecord);
  Buffer record;
  if (codec == static_cast<std::uint8_t>(Codec::raw)) {
    if (reader.rest().size() != size) reader.fail();
    record.append(reader.rest());
    return record;
  }
  if (codec != static_cast<std::uint8_t>(Codec::zstd)) reader.fail();
  Compressor compressor;
  compressor.decompress(Codec::zstd, reader.rest(), static_cast<std::size_t>(size), record);
  return record;
}

}  // namespace igudar
