#include "format/refset.h"

#include <algorithm>
#include <bit>

#include "format/byte_reader.h"
#include "format/byte_writer.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "reference set";

void write_big_endian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

std::uint32_t read_big_endian(std::string_view text) {
  std::uint32_t value = 0;
  for (const char byte : text) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

// Calls visit(block, first ordinal within it, count) for each block that a range of ordinals touches.
template <typename Visit>
void for_each_block(std::uint64_t first, std::uint64_t count, Visit&& visit) {
  while (count > 0) {
    const auto within = static_cast<std::uint32_t>(first % kRefBlock);
    const auto here = static_cast<std::uint32_t>(std::min<std::uint64_t>(count, kRefBlock - within));
    visit(static_cast<std::uint32_t>(first / kRefBlock), within, here);
    first += here;
    count -= here;
  }
}

}  // namespace

std::string encode_ref_key(const RefKey& key) {
  std::string out(text_of(key.session.view()));
  write_big_endian(out, key.stream);
  write_big_endian(out, key.block);
  return out;
}

RefKey decode_ref_key(std::string_view key) {
  if (key.size() != 24) ByteReader({}, kWhat).fail();
  return {SessionId::from(view_of(key.substr(0, 16))), read_big_endian(key.substr(16, 4)),
          read_big_endian(key.substr(20, 4))};
}

void RefBits::set_range(std::uint32_t first, std::uint32_t count) {
  for (std::uint32_t ordinal = first; ordinal < first + count; ++ordinal) set(ordinal);
}

bool RefBits::any(std::uint32_t first, std::uint32_t count) const {
  for (std::uint32_t ordinal = first; ordinal < first + count; ++ordinal)
    if (test(ordinal)) return true;
  return false;
}

std::uint32_t RefBits::count() const {
  std::uint32_t total = 0;
  for (const std::uint64_t word : words_) total += static_cast<std::uint32_t>(std::popcount(word));
  return total;
}

void RefBits::merge(const RefBits& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
}

Bytes RefBits::encode() const {
  Bytes runs{0};
  ByteWriter writer(runs);
  std::uint32_t last_end = 0;
  std::uint32_t highest = 0;
  for (std::uint32_t at = 0; at < kRefBlock;) {
    if ((at & 63) == 0 && words_[at >> 6] == 0) {
      at += 64;
      continue;
    }
    if (!test(at)) {
      ++at;
      continue;
    }
    std::uint32_t end = at + 1;
    while (end < kRefBlock && test(end)) ++end;
    writer.varint(at - last_end);
    writer.varint(end - at - 1);
    last_end = highest = at = end;
  }
  const std::size_t bitmap_size = 1 + (highest + 7) / 8;
  if (bitmap_size >= runs.size()) return runs;
  Bytes bitmap{1};
  for (std::uint32_t byte = 0; byte < (highest + 7) / 8; ++byte)
    bitmap.push_back(static_cast<std::uint8_t>(words_[byte / 8] >> (byte % 8 * 8)));
  return bitmap;
}

RefBits RefBits::decode(ByteView value) {
  ByteReader reader(value, kWhat);
  RefBits bits;
  const std::uint8_t form = reader.u8();
  if (form == 1) {
    const ByteView bitmap = reader.rest();
    if (bitmap.empty() || bitmap.size() > kRefBlock / 8 || bitmap.back() == 0) reader.fail();
    for (std::size_t i = 0; i < bitmap.size(); ++i) bits.words_[i / 8] |= std::uint64_t{bitmap[i]} << (i % 8 * 8);
    return bits;
  }
  if (form != 0 || reader.done()) reader.fail();
  std::uint64_t at = 0;
  while (!reader.done()) {
    const std::uint64_t gap = reader.varint_up_to(kRefBlock);
    const std::uint64_t count = reader.varint_up_to(kRefBlock) + 1;
    if (gap + count > kRefBlock - at) reader.fail();
    at += gap;
    bits.set_range(static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(count));
    at += count;
  }
  return bits;
}

void RefSet::add(const SessionId& session, std::uint32_t stream, std::uint64_t ordinal) {
  blocks_[{session, stream, static_cast<std::uint32_t>(ordinal / kRefBlock)}].set(
      static_cast<std::uint32_t>(ordinal % kRefBlock));
}

void RefSet::add_range(const SessionId& session, std::uint32_t stream, std::uint64_t first, std::uint64_t count) {
  for_each_block(first, count, [&](std::uint32_t block, std::uint32_t from, std::uint32_t n) {
    blocks_[{session, stream, block}].set_range(from, n);
  });
}

bool RefSet::contains(const SessionId& session, std::uint32_t stream, std::uint64_t ordinal) const {
  return contains_any(session, stream, ordinal, 1);
}

bool RefSet::contains_any(const SessionId& session, std::uint32_t stream, std::uint64_t first,
                          std::uint64_t count) const {
  bool any = false;
  for_each_block(first, count, [&](std::uint32_t block, std::uint32_t from, std::uint32_t n) {
    const auto found = blocks_.find({session, stream, block});
    any = any || (found != blocks_.end() && found->second.any(from, n));
  });
  return any;
}

void RefSet::merge(const RefKey& key, const RefBits& bits) {
  const auto [place, inserted] = blocks_.try_emplace(key, bits);
  if (!inserted) place->second.merge(bits);
}

std::uint64_t RefSet::count() const {
  std::uint64_t total = 0;
  for (const auto& [key, bits] : blocks_) total += bits.count();
  return total;
}

}  // namespace igudar
