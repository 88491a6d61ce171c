// What Azure Blob does beyond what every store must: on the server that IGUDAR_TEST_STORE names.

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

#include "store/azure/azure_service.h"
#include "store/expect_error.h"

namespace igudar {
namespace {

using testing::code_of;

class AzureServer : public ::testing::Test {
 protected:
  static AzureService service(const std::string& prefix) {
    const char* account = std::getenv("AZURE_STORAGE_ACCOUNT");
    return {{.account = account, .container = "container", .prefix = prefix, .shown = "azure://here/" + prefix},
            find_azure_credentials(account),
            {},
            {}};
  }
  static Bytes text(const char* content) { return copy_of(view_of(content)); }
};

TEST_F(AzureServer, Creates_large_objects_exclusively) {
  AzureService azure = service("exclusive");
  const Upload first = azure.begin_upload("object", {});
  const Upload second = azure.begin_upload("object", {});
  const std::string first_part = azure.put_part(first, 1, view_of("first"), {});
  const std::string second_part = azure.put_part(second, 1, view_of("second"), {});
  azure.complete(first, {first_part}, 5, {});
  EXPECT_EQ(code_of([&] { azure.complete(second, {second_part}, 6, {}); }), ErrorCode::already_exists);
  EXPECT_EQ(azure.get("object", 100, {}), text("first"));
}

TEST_F(AzureServer, Takes_a_completion_that_is_repeated_for_its_own_only) {
  AzureService azure = service("repeated");
  const Upload upload = azure.begin_upload("object", {});
  const std::vector<std::string> parts = {azure.put_part(upload, 1, view_of("a"), {}),
                                          azure.put_part(upload, 2, view_of("b"), {})};
  azure.complete(upload, parts, 2, {});
  azure.complete(upload, parts, 2, {});
  EXPECT_EQ(azure.get("object", 100, {}), text("ab"));
  // The same parts in another order are not what was stored.
  EXPECT_EQ(code_of([&] { azure.complete(upload, {parts[1], parts[0]}, 2, {}); }), ErrorCode::already_exists);
}

TEST_F(AzureServer, Says_that_parts_are_lost) {
  AzureService azure = service("lost");
  const Upload upload = azure.begin_upload("object", {});
  const std::string part = azure.put_part(upload, 1, view_of("a"), {});
  const std::string never_put = azure.begin_upload("object", {}).id + "AAAC";
  EXPECT_EQ(code_of([&] { azure.complete(upload, {part, never_put}, 2, {}); }), ErrorCode::failed);
  azure.complete(upload, {part}, 1, {});
}

TEST_F(AzureServer, Does_not_list_what_is_not_complete) {
  AzureService azure = service("unfinished");
  const Upload upload = azure.begin_upload("object", {});
  (void)azure.put_part(upload, 1, view_of("a"), {});
  EXPECT_TRUE(azure.list("", "", {}).objects.empty());
  EXPECT_EQ(azure.head("object", {}), std::nullopt);
  EXPECT_EQ(azure.get("object", 100, {}), std::nullopt);
}

TEST_F(AzureServer, Keeps_keys_of_any_characters_as_they_are) {
  AzureService azure = service("é ü/+(x)");
  const std::string key = "a b/100%25 & <é>+'!*;:@=,$~?#[]";
  azure.put(key, view_of("content"), PutCondition::absent, {});
  EXPECT_EQ(azure.get(key, 100, {}), text("content"));
  const ListPage page = azure.list("a b/", "", {});
  ASSERT_EQ(page.objects.size(), 1U);
  EXPECT_EQ(page.objects[0].key, key);
  azure.remove(key, {});
  EXPECT_TRUE(azure.list("", "", {}).objects.empty());
}

}  // namespace
}  // namespace igudar
