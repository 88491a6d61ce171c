#include "crypto/base64.h"

#include <gmock/gmock.h>

namespace igudar {
namespace {

// RFC 4648, section 10.
TEST(Base64, Writes_and_reads_the_published_examples) {
  for (const auto& [plain, encoded] :
       {std::pair{"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(to_base64(view_of(plain)), encoded);
    const auto back = from_base64(encoded);
    ASSERT_TRUE(back.has_value()) << encoded;
    EXPECT_EQ(text_of(back->view()), plain);
  }
  EXPECT_EQ(to_base64({}), "");
}

TEST(Base64, Has_two_alphabets) {
  const Bytes bytes{0xfb, 0xff};
  EXPECT_EQ(to_base64(bytes), "+/8=");
  EXPECT_EQ(to_base64(bytes, Base64Alphabet::url), "-_8=");
  EXPECT_FALSE(from_base64("-_8=").has_value());
  EXPECT_FALSE(from_base64("+/8=", Base64Alphabet::url).has_value());
}

TEST(Base64, Refuses_what_is_none) {
  for (const char* text : {"", "Zg", "Zg=", "Zm9v!", "Zm9 v", "====", "Zg==Zg=="})
    EXPECT_FALSE(from_base64(text).has_value()) << text;
}

}  // namespace
}  // namespace igudar
