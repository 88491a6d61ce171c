#include "crypto/keyed_hash.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/hex.h"

namespace igudar {

namespace {

struct KnownAnswer {
  Bytes key;
  Bytes message;
  std::string_view mac;
};

// RFC 4231, test cases 1, 2, 3, 6 and 7.
std::vector<KnownAnswer> known_answers() {
  return {
      {Bytes(20, 0x0b), copy_of(view_of("Hi There")),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {copy_of(view_of("Jefe")), copy_of(view_of("what do ya want for nothing?")),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {Bytes(20, 0xaa), Bytes(50, 0xdd), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {Bytes(131, 0xaa), copy_of(view_of("Test Using Larger Than Block-Size Key - Hash Key First")),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {Bytes(131, 0xaa),
       copy_of(view_of("This is a test using a larger than block-size key and a larger than block-size data. The key "
                       "needs to be hashed before being used by the HMAC algorithm.")),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
}

}  // namespace

TEST(KeyedHash, gives_the_published_answers) {
  for (const KnownAnswer& known : known_answers()) {
    KeyedHash hash(known.key);
    EXPECT_EQ(to_hex(hash.hash(known.message[0], ByteView(known.message).subspan(1)).view()), known.mac);
    EXPECT_EQ(to_hex(hmac_sha256(known.key, known.message).view()), known.mac);
  }
}

TEST(KeyedHash, separates_types_and_keys) {
  KeyedHash one(view_of("one"));
  KeyedHash two(view_of("two"));
  EXPECT_NE(one.hash(1, view_of("x")), one.hash(2, view_of("x")));
  EXPECT_NE(one.hash(1, view_of("x")), two.hash(1, view_of("x")));
}

TEST(KeyedHash, begins_anew_with_each_message) {
  KeyedHash hash(view_of("key"));
  const Id32 first = hash.hash(1, view_of("x"));
  (void)hash.hash(1, view_of("another"));
  EXPECT_EQ(hash.hash(1, view_of("x")), first);
}

TEST(Hmac_sha256, takes_an_empty_message_and_an_empty_key) {
  EXPECT_EQ(to_hex(hmac_sha256({}, {}).view()), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

}  // namespace igudar
