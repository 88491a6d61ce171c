#include "store/azure/shared_key.h"

#include <gmock/gmock.h>

namespace igudar {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

// The examples of "Authorize with Shared Key" (Azure Storage REST API reference).
TEST(SharedKey, Signs_the_published_get_of_metadata) {
  const SharedKeyRequest request{
      .method = "GET",
      .path = "/mycontainer",
      .query = {{"restype", "container"}, {"comp", "metadata"}, {"timeout", "20"}},
      .headers = {{"x-ms-version", "2015-02-21"}, {"x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT"}}};
  EXPECT_EQ(string_to_sign(request, "myaccount"),
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n"
            "/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20");
}

TEST(SharedKey, Has_the_published_resource_of_a_listing) {
  const SharedKeyRequest request{
      .method = "GET",
      .path = "/mycontainer",
      .query = {{"restype", "container"}, {"comp", "list"}, {"include", "metadata,snapshots,uncommittedblobs"}},
      .headers = {}};
  EXPECT_THAT(
      string_to_sign(request, "myaccount"),
      EndsWith("\n/myaccount/mycontainer\ncomp:list\ninclude:metadata,snapshots,uncommittedblobs\nrestype:container"));
}

TEST(SharedKey, Puts_each_header_in_its_place) {
  const SharedKeyRequest request{.method = "PUT",
                                 .path = "/c/a%20b",
                                 .headers = {{"Content-MD5", "md5"},
                                             {"content-type", "type"},
                                             {"If-None-Match", "*"},
                                             {"range", "bytes=0-9"},
                                             {"X-Ms-Blob-Type", "BlockBlob"}},
                                 .content_length = 12};
  EXPECT_EQ(string_to_sign(request, "a"),
            "PUT\n\n\n12\nmd5\ntype\n\n\n\n*\n\nbytes=0-9\nx-ms-blob-type:BlockBlob\n/a/c/a%20b");
}

TEST(SharedKey, Says_who_signed) {
  const SecretBytes key(view_of("key"));
  const std::string authorization = shared_key_authorization({.method = "GET", .headers = {}}, "myaccount", key);
  EXPECT_THAT(authorization, HasSubstr("SharedKey myaccount:"));
  // Of "GET", twelve empty lines' ends and "/myaccount/", by another implementation of HMAC-SHA-256.
  EXPECT_THAT(authorization, EndsWith("6OkH95i9tatxh6HdJ/TAmII12i5J4XmSIjrCgVYnPKg="));
}

}  // namespace
}  // namespace igudar
