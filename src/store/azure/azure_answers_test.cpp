#include "store/azure/azure_answers.h"

#include <gmock/gmock.h>

#include "store/expect_error.h"

namespace igudar {
namespace {

using testing::code_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// As the service writes it, with the mark of UTF-8 before it.
constexpr const char* kPage =
    "\xEF\xBB\xBF"
    R"(<?xml version="1.0" encoding="utf-8"?>
<EnumerationResults ServiceEndpoint="https://account.blob.core.windows.net/" ContainerName="container"><Prefix>a/</Prefix>
<Blobs><Blob><Name>a/packs/0a/0a1b</Name><Properties><Last-Modified>Sat, 21 Nov 2026 02:57:04 GMT</Last-Modified>
<Content-Length>12</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>
<Blob><Name>a/packs</Name><Properties><ResourceType>directory</ResourceType><Content-Length>0</Content-Length></Properties></Blob>
<Blob><Name Encoded="true">a/b%EF%BF%BF%20c+d</Name><Properties><Last-Modified>Sat, 21 Nov 2026 02:57:05 GMT</Last-Modified>
<Content-Length>68719476736</Content-Length></Properties></Blob>
<Blob><Name>a/100%41 &amp; é</Name><Properties><Last-Modified>Sat, 21 Nov 2026 02:57:06 GMT</Last-Modified></Properties></Blob>
</Blobs><NextMarker>2!92!MDAw</NextMarker></EnumerationResults>)";

TEST(AzureAnswers, Has_the_objects_of_a_page_and_how_it_goes_on) {
  const ListPage page = parse_azure_list(view_of(kPage));
  EXPECT_EQ(page.next, "2!92!MDAw");
  ASSERT_THAT(page.objects, SizeIs(3));
  EXPECT_EQ(page.objects[0].key, "a/packs/0a/0a1b");
  EXPECT_EQ(page.objects[0].size, 12U);
  EXPECT_EQ(format_rfc3339(page.objects[0].stored_at), "2026-11-21T02:57:04.000000000Z");
  EXPECT_EQ(page.objects[1].key, "a/b\xEF\xBF\xBF c+d");
  EXPECT_EQ(page.objects[1].size, std::uint64_t{64} << 30);
  EXPECT_EQ(page.objects[2].key, "a/100%41 & é");
}

TEST(AzureAnswers, Ends_with_the_last_page) {
  const ListPage page = parse_azure_list(view_of("<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>"));
  EXPECT_THAT(page.next, IsEmpty());
  EXPECT_THAT(page.objects, IsEmpty());
}

TEST(AzureAnswers, Refuses_what_would_lose_objects) {
  for (const char* answer :
       {"", "<html>", "<EnumerationResults><Blobs><Blob><Name>a</Name></Blob></Blobs></EnumerationResults>",
        "<EnumerationResults><Blobs><Blob>"})
    EXPECT_EQ(code_of([&] { parse_azure_list(view_of(answer)); }), ErrorCode::failed) << answer;
  EXPECT_EQ(code_of([] { parse_azure_blocks(view_of("<Error/>")); }), ErrorCode::failed);
}

TEST(AzureAnswers, Names_the_error) {
  const AzureErrorAnswer error = parse_azure_error(
      view_of("\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>ContainerNotFound</Code>"
              "<Message>The specified container does not exist.\nTime:…</Message></Error>"));
  EXPECT_EQ(error.code, "ContainerNotFound");
  EXPECT_EQ(error.message, "The specified container does not exist.\nTime:…");
  EXPECT_EQ(parse_azure_error(view_of("Bad Gateway")).code, "");
}

TEST(AzureAnswers, Has_the_blocks_of_a_blob_in_their_order) {
  EXPECT_THAT(parse_azure_blocks(
                  view_of("<BlockList><CommittedBlocks><Block><Name>Qg==</Name><Size>1</Size></Block>"
                          "<Block><Name>QQ==</Name><Size>2</Size></Block></CommittedBlocks>"
                          "<UncommittedBlocks><Block><Name>Qw==</Name></Block></UncommittedBlocks></BlockList>")),
              ElementsAre("Qg==", "QQ=="));
  EXPECT_THAT(parse_azure_blocks(view_of("<BlockList><CommittedBlocks/></BlockList>")), IsEmpty());
}

TEST(AzureAnswers, Writes_the_list_of_blocks) {
  EXPECT_EQ(
      azure_blocks({"QQ==", "Qg=="}),
      "<?xml version=\"1.0\"?><BlockList><Uncommitted>QQ==</Uncommitted><Uncommitted>Qg==</Uncommitted></BlockList>");
}

}  // namespace
}  // namespace igudar
