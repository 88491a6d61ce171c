#include "store/s3/s3_answers.h"

#include <gmock/gmock.h>

#include "store/expect_error.h"

namespace igudar {
namespace {

using testing::code_of;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kPage = R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><EncodingType>url</EncodingType>
<IsTruncated>true</IsTruncated><NextContinuationToken>a+/=</NextContinuationToken>
<Contents><Key>packs/0a/0a1b</Key><LastModified>2026-11-21T02:57:04.987Z</LastModified><Size>12</Size></Contents>
<Contents><Key>a%20b%2Bc+d</Key><LastModified>2026-11-21T02:57:05.000Z</LastModified><Size>68719476736</Size></Contents>
</ListBucketResult>)";

TEST(S3Answers, Has_the_objects_of_a_page_and_how_it_goes_on) {
  const ListPage page = parse_s3_list(view_of(kPage));
  EXPECT_EQ(page.next, "a+/=");
  ASSERT_THAT(page.objects, SizeIs(2));
  EXPECT_EQ(page.objects[0].key, "packs/0a/0a1b");
  EXPECT_EQ(page.objects[0].size, 12U);
  EXPECT_EQ(format_rfc3339(page.objects[0].stored_at), "2026-11-21T02:57:04.000000000Z");
  EXPECT_EQ(page.objects[1].key, "a b+c d");
  EXPECT_EQ(page.objects[1].size, std::uint64_t{64} << 30);
}

TEST(S3Answers, Ends_with_the_last_page) {
  const ListPage page = parse_s3_list(view_of("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"));
  EXPECT_THAT(page.next, IsEmpty());
  EXPECT_THAT(page.objects, IsEmpty());
}

TEST(S3Answers, Refuses_what_would_lose_objects) {
  for (const char* answer :
       {"", "<html>", "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>", "<ListBucketResult><Contents>"})
    EXPECT_EQ(code_of([&] { parse_s3_list(view_of(answer)); }), ErrorCode::failed) << answer;
  EXPECT_EQ(code_of([] { parse_s3_upload_id(view_of("<InitiateMultipartUploadResult/>")); }), ErrorCode::failed);
}

TEST(S3Answers, Expands_no_entities_of_its_own) {
  const S3ErrorAnswer error = parse_s3_error(
      view_of("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><Error><Code>&a;</Code></Error>"));
  EXPECT_EQ(error.code, "&a;");
}

TEST(S3Answers, Names_the_error_and_the_right_region) {
  const S3ErrorAnswer error = parse_s3_error(view_of(
      "<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message><Region>eu-west-3</Region></Error>"));
  EXPECT_EQ(error.code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(error.region, "eu-west-3");
  EXPECT_EQ(parse_s3_error(view_of("Bad Gateway")).code, "");
}

TEST(S3Answers, Lists_old_uploads_only) {
  const std::vector<Upload> old = parse_s3_uploads(
      view_of("<ListMultipartUploadsResult><Upload><Key>k</Key><UploadId>1</UploadId>"
              "<Initiated>2026-11-01T00:00:00.000Z</Initiated></Upload><Upload><Key>l</Key><UploadId>2</UploadId>"
              "<Initiated>2026-11-21T00:00:00.000Z</Initiated></Upload></ListMultipartUploadsResult>"),
      *parse_time("2026-11-20T00:00:00Z", false));
  ASSERT_THAT(old, SizeIs(1));
  EXPECT_EQ(old[0].id, "1");
}

TEST(S3Answers, Writes_the_list_of_parts) {
  EXPECT_EQ(s3_parts({"\"a\"", "<b>"}),
            "<?xml version=\"1.0\"?><CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part>"
            "<Part><PartNumber>2</PartNumber><ETag>&lt;b&gt;</ETag></Part></CompleteMultipartUpload>");
}

}  // namespace
}  // namespace igudar
