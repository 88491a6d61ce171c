#include "store/azure/azure_credentials.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

#include "store/expect_error.h"
#include "store/store_registry.h"

namespace igudar {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kVariables[] = {"AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY",
                                      "AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_BLOB_ENDPOINT"};

// An environment without anything of Azure's, before and after.
class AzureCredentialsTest : public ::testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }
  static void clear() {
    for (const char* name : kVariables) ::unsetenv(name);
  }
  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }
};

TEST_F(AzureCredentialsTest, Says_where_it_looked_when_there_are_none) {
  const Error error = error_of([] { (void)open_store("azure://account/container/prefix"); });
  EXPECT_EQ(error.code(), ErrorCode::permission);
  EXPECT_THAT(error.message(), HasSubstr("“account”"));
  for (const char* name : {kVariables[0], kVariables[2], kVariables[3]}) EXPECT_THAT(error.hint(), HasSubstr(name));
}

TEST_F(AzureCredentialsTest, Takes_a_key) {
  set("AZURE_STORAGE_KEY", "c2VjcmV0");
  const AzureCredentials found = find_azure_credentials("account");
  EXPECT_EQ(text_of(found.key.view()), "secret");
  EXPECT_EQ(found.endpoint, "https://account.blob.core.windows.net");
  EXPECT_EQ(found.source, "AZURE_STORAGE_KEY");
}

TEST_F(AzureCredentialsTest, Takes_a_connection_string_before_anything_else) {
  set("AZURE_STORAGE_KEY", "c2VjcmV0");
  set("AZURE_STORAGE_CONNECTION_STRING",
      "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=b3RoZXI=;EndpointSuffix=core.chinacloudapi.cn");
  const AzureCredentials found = find_azure_credentials("account");
  EXPECT_EQ(text_of(found.key.view()), "other");
  EXPECT_EQ(found.endpoint, "https://account.blob.core.chinacloudapi.cn");
}

TEST_F(AzureCredentialsTest, Takes_the_endpoint_that_is_named) {
  set("AZURE_STORAGE_CONNECTION_STRING",
      "BlobEndpoint=http://127.0.0.1:10000/account/;SharedAccessSignature=?sv=2021-12-02&sig=x%3D;");
  const AzureCredentials found = find_azure_credentials("account");
  EXPECT_EQ(found.endpoint, "http://127.0.0.1:10000/account");
  EXPECT_EQ(text_of(found.sas_token.view()), "sv=2021-12-02&sig=x%3D");
  set("AZURE_STORAGE_BLOB_ENDPOINT", "https://Storage.example.org:443/Path");
  EXPECT_EQ(find_azure_credentials("account").endpoint, "https://storage.example.org/Path");
}

TEST_F(AzureCredentialsTest, Refuses_the_key_of_another_account_without_showing_it) {
  set("AZURE_STORAGE_ACCOUNT", "other");
  set("AZURE_STORAGE_KEY", "c2VjcmV0");
  Error error = error_of([] { (void)find_azure_credentials("account"); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_THAT(error.what(), HasSubstr("AZURE_STORAGE_ACCOUNT is for the storage account “other”"));
  set("AZURE_STORAGE_ACCOUNT", "account");
  set("AZURE_STORAGE_KEY", "not base64");
  error = error_of([] { (void)find_azure_credentials("account"); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_THAT(error.what() + error.hint(), Not(HasSubstr("not base64")));
}

TEST_F(AzureCredentialsTest, Asks_no_host_that_the_account_does_not_name) {
  set("AZURE_STORAGE_KEY", "c2VjcmV0");
  for (const char* account : {"a.example.org", "A", "a:1", "a@b", "é"})
    EXPECT_EQ(error_of([&] { (void)find_azure_credentials(account); }).code(), ErrorCode::usage) << account;
}

TEST_F(AzureCredentialsTest, Knows_when_a_token_ends) {
  const auto end = [](const char* token) { return end_of_sas_token(SecretBytes(view_of(token))); };
  EXPECT_EQ(end("sv=2021-12-02&se=2026-11-22T10%3A00%3A00Z&sig=x"), *parse_time("2026-11-22T10:00:00Z", false));
  EXPECT_EQ(end("sv=2021-12-02&sig=x"), 0);
  EXPECT_EQ(end("se=soon"), 0);
  EXPECT_EQ(end(""), 0);
}

TEST_F(AzureCredentialsTest, Is_asked_by_urls_without_secrets) {
  set("AZURE_STORAGE_KEY", "c2VjcmV0");
  EXPECT_EQ(open_store("azure://account/container/a%20b/")->location(), "azure://account/container/a%20b/");
  for (const char* url : {"azure:", "azure:account", "azure://", "azure://account", "azure://account/",
                          "azure:///container", "azure://account/container?sv=1&sig=secret"}) {
    const Error error = error_of([&] { (void)open_store(url); });
    EXPECT_EQ(error.code(), ErrorCode::usage) << url;
    EXPECT_THAT(error.what() + error.hint(), Not(HasSubstr("sig="))) << url;
  }
}

}  // namespace
}  // namespace igudar
