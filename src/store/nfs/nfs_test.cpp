#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/expect_error.h"
#include "store/nfs/nfs_address.h"
#include "store/store_registry.h"

namespace igudar {
namespace {

using testing::code_of;
using testing::error_of;
using ::testing::HasSubstr;

NfsAddress parse(const std::string& rest) {
  return parse_nfs_address({"nfs", rest});
}

TEST(NfsAddress, Takes_a_url_apart) {
  const NfsAddress full = parse("//nas.example.org/export//backup/?uid=1000&gid=100&nfsport=2049&mountport=20048");
  EXPECT_EQ(full.host, "nas.example.org");
  EXPECT_EQ(full.path, "/export/backup");
  EXPECT_EQ(full.uid, 1000U);
  EXPECT_EQ(full.gid, 100U);
  EXPECT_EQ(full.nfs_port, 2049U);
  EXPECT_EQ(full.mount_port, 20048U);
  const NfsAddress bare = parse("//[::1]/x%20y");
  EXPECT_EQ(bare.host, "::1");
  EXPECT_EQ(bare.path, "/x y");
  EXPECT_FALSE(bare.uid.has_value());
  EXPECT_FALSE(bare.gid.has_value());
  EXPECT_EQ(bare.nfs_port, 0U);
}

TEST(NfsAddress, Shows_what_opens_it_again) {
  for (const char* url : {"nfs://host/srv/a%20b%25%3f", "nfs://[::1]/x", "nfs://host/x?uid=0&gid=0",
                          "nfs://host/x?gid=5&nfsport=2049&mountport=20048"})
    EXPECT_EQ(open_store(url)->location(), url);
}

TEST(NfsAddress, Refuses_what_it_cannot_mean) {
  for (const char* rest : {"", "host/x", "//", "///x", "//host", "//host/", "//host:2049/x", "//me@host/x", "//ho st/x",
                           "//host/%0", "//host/x?uid=", "//host/x?uid=me", "//host/x?uid=-1", "//host/x?nfsport=0",
                           "//host/x?mountport=65536", "//host/x?version=4", "//host/x/../y", "//host/x/."})
    EXPECT_EQ(code_of([&] { (void)parse(rest); }), ErrorCode::usage) << rest;
}

TEST(NfsAddress, Says_where_a_port_belongs) {
  EXPECT_THAT(error_of([] { (void)parse("//host:2049/x"); }).what(), HasSubstr("?nfsport="));
}

}  // namespace
}  // namespace igudar
