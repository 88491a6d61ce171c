#include "store/s3/signature_v4.h"

#include <gmock/gmock.h>

#include "base/hex.h"
#include "crypto/hash.h"

namespace igudar {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

// The examples that AWS publishes: "Signature Calculations for the Authorization Header" (Amazon S3 API reference).
constexpr const char* kTimestamp = "20130524T000000Z";
const SecretBytes kSecret(view_of("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));

S3SigningKey key() {
  return {.access_key = "AKIAIOSFODNN7EXAMPLE", .secret = kSecret, .region = "us-east-1"};
}

RequestToSign example(std::string method, std::string path, std::string_view body = {}) {
  const std::string hash = to_hex(sha256(view_of(body)).view());
  return {.method = std::move(method),
          .path = std::move(path),
          .headers = {{"Host", "examplebucket.s3.amazonaws.com"},
                      {"x-amz-content-sha256", hash},
                      {"x-amz-date", kTimestamp}},
          .payload_hash = hash};
}

TEST(SignatureV4, Signs_the_published_get_of_a_range) {
  RequestToSign request = example("GET", "/test.txt");
  request.headers.emplace_back("Range", "bytes=0-9");
  EXPECT_EQ(signature_v4(request, key(), kTimestamp),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SignatureV4, Signs_the_published_put) {
  RequestToSign request = example("PUT", "/test%24file.text", "Welcome to Amazon S3.");
  request.headers.emplace_back("Date", "Fri, 24 May 2013 00:00:00 GMT");
  request.headers.emplace_back("x-amz-storage-class", "REDUCED_REDUNDANCY");
  EXPECT_THAT(signature_v4(request, key(), kTimestamp),
              EndsWith("=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(SignatureV4, Signs_the_published_queries) {
  RequestToSign request = example("GET", "/");
  request.query = {{"lifecycle", ""}};
  EXPECT_THAT(signature_v4(request, key(), kTimestamp),
              EndsWith("=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
  request.query = {{"prefix", "J"}, {"max-keys", "2"}};
  EXPECT_THAT(signature_v4(request, key(), kTimestamp),
              EndsWith("=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

// The example of the AWS general reference, "Create a signed AWS API request".
TEST(SignatureV4, Signs_for_other_services) {
  const RequestToSign request{.method = "GET",
                              .query = {{"Version", "2010-05-08"}, {"Action", "ListUsers"}},
                              .headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
                                          {"host", "iam.amazonaws.com"},
                                          {"x-amz-date", "20150830T123600Z"}},
                              .payload_hash = to_hex(sha256({}).view())};
  const SecretBytes secret(view_of("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
  EXPECT_THAT(
      signature_v4(request, {.access_key = "AKIDEXAMPLE", .secret = secret, .region = "us-east-1", .service = "iam"},
                   "20150830T123600Z"),
      EndsWith("Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"));
}

TEST(SignatureV4, Folds_spaces_and_sorts_names) {
  RequestToSign request = example("GET", "/");
  request.headers.emplace_back("X-Amz-Meta", "  a   b  ");
  const std::string once = signature_v4(request, key(), kTimestamp);
  request.headers.back() = {"x-amz-meta", "a b"};
  std::swap(request.headers.front(), request.headers.back());
  EXPECT_EQ(signature_v4(request, key(), kTimestamp), once);
  EXPECT_THAT(once, HasSubstr("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta,"));
}

TEST(SignatureV4, Has_times_and_queries_in_their_canonical_forms) {
  EXPECT_EQ(signature_timestamp(TimeNs{1369353600} * kNsPerSecond + 5), kTimestamp);
  EXPECT_EQ(canonical_query({{"b", "x y"}, {"a-b", "é/+"}, {"a", ""}}), "a=&a-b=%C3%A9%2F%2B&b=x%20y");
}

}  // namespace
}  // namespace igudar
