#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hex.h"

namespace igudar::testing {

// 16 or 32 bytes that begin with `first` and count up.
template <std::size_t N>
FixedId<N> counted_id(std::uint8_t first) {
  FixedId<N> id;
  for (std::size_t i = 0; i < N; ++i) id.bytes[i] = static_cast<std::uint8_t>(first + i);
  return id;
}

inline Bytes hex(std::string_view digits) {
  std::string packed;
  for (const char digit : digits)
    if (digit != ' ') packed += digit;
  return from_hex(packed).value();
}

inline bool refuses(const std::function<void(ByteView)>& decode, ByteView object) {
  try {
    decode(object);
    return false;
  } catch (const Error& error) {
    return error.code() == ErrorCode::damaged || error.code() == ErrorCode::truncated ||
           error.code() == ErrorCode::unsupported || error.code() == ErrorCode::forged;
  }
}

// That a decoder takes `object` as it is, and refuses it with any byte changed, cut short or continued.
inline void expect_tamper_proof(const std::function<void(ByteView)>& decode, const Bytes& object) {
  EXPECT_NO_THROW(decode(object));
  for (std::size_t i = 0; i < object.size(); ++i) {
    Bytes altered = object;
    altered[i] ^= static_cast<std::uint8_t>(1U << i % 8);
    EXPECT_TRUE(refuses(decode, altered)) << "byte " << i << " changed";
  }
  for (std::size_t size = 0; size < object.size(); ++size)
    EXPECT_TRUE(refuses(decode, ByteView(object).first(size))) << "cut to " << size;
  Bytes longer = object;
  longer.push_back(0);
  EXPECT_TRUE(refuses(decode, longer));
}

}  // namespace igudar::testing
