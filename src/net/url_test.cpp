#include "net/url.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace igudar {
namespace {

ErrorCode code_for(const std::string& url) {
  try {
    public_url(url);
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error for " << url;
  return ErrorCode::failed;
}

TEST(PublicUrl, Hides_what_may_be_secret) {
  EXPECT_EQ(public_url("https://user:word@tsa.example.org:8443/tsr/x?key=1#part"),
            "https://tsa.example.org:8443/tsr/x");
  EXPECT_EQ(public_url("http://tsa.example.org"), "http://tsa.example.org/");
}

TEST(PublicUrl, Is_of_http_or_https) {
  for (const char* url : {"", "tsa.example.org", "file:///etc/passwd", "ftp://example.org/", "https://", "http://a b/"})
    EXPECT_EQ(code_for(url), ErrorCode::usage) << url;
}

TEST(Origin, Has_a_port_only_where_it_is_not_the_usual_one) {
  EXPECT_EQ(origin_of("HTTPS://S3.Example.org:443/bucket/key?x"), "https://s3.example.org");
  EXPECT_EQ(origin_of("http://user@127.0.0.1:9000/"), "http://127.0.0.1:9000");
  EXPECT_EQ(origin_of("https://[::1]:8443/a"), "https://[::1]:8443");
}

TEST(PercentEncoding, Leaves_unreserved_characters_and_those_to_keep) {
  EXPECT_EQ(percent_encoded("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encoded("a b/c+d=é"), "a%20b%2Fc%2Bd%3D%C3%A9");
  EXPECT_EQ(percent_encoded("a b/c", "/"), "a%20b/c");
}

TEST(PercentEncoding, Is_undone_where_there_is_one) {
  EXPECT_EQ(leniently_percent_decoded("a%20b%2fc%C3%A9+d"), "a b/cé+d");
  EXPECT_EQ(leniently_percent_decoded("100% %4 %zz %"), "100% %4 %zz %");
}

}  // namespace
}  // namespace igudar
