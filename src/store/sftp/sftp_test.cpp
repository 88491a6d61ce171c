#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/expect_error.h"
#include "store/sftp/sftp_address.h"
#include "store/sftp/sftp_packet.h"
#include "store/store_registry.h"

namespace igudar {
namespace {

using testing::code_of;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::Not;

SftpAddress parse(const std::string& rest) {
  return parse_sftp_address({"sftp", rest});
}

TEST(SftpAddress, Takes_a_url_apart) {
  const SftpAddress full = parse("//me@example.org:2222/srv/backup");
  EXPECT_EQ(full.user, "me");
  EXPECT_EQ(full.host, "example.org");
  EXPECT_EQ(full.port, 2222U);
  EXPECT_EQ(full.path, "/srv/backup");
  const SftpAddress bare = parse("//host/x");
  EXPECT_EQ(bare.user, "");
  EXPECT_EQ(bare.port, 0U);
  EXPECT_EQ(parse("//[::1]:22/x").host, "::1");
  EXPECT_EQ(parse("//a%40b@host/x%20y").user, "a@b");
  EXPECT_EQ(parse("//a%40b@host/x%20y").path, "/x y");
}

TEST(SftpAddress, Paths_begin_at_the_root_or_at_home) {
  EXPECT_EQ(parse("//host//srv//backup/").path, "/srv/backup");
  EXPECT_EQ(parse("//host/~/backup").path, "backup");
  EXPECT_EQ(parse("//host/~").path, ".");
  EXPECT_EQ(parse("//host/~other/x").path, "/~other/x");
}

TEST(SftpAddress, Shows_what_opens_it_again) {
  for (const char* url :
       {"sftp://me@host:2222/srv/a%20b%25", "sftp://host/~/backup", "sftp://host/~", "sftp://[::1]/x"})
    EXPECT_EQ(open_store(url)->location(), url);
}

TEST(SftpAddress, Refuses_what_it_cannot_mean) {
  for (const char* rest :
       {"", "host/x", "me@host:/x", "//", "///x", "//host", "//host/", "//host:0/x", "//host:99999/x", "//host:x/x",
        "//@host/x", "//-oProxyCommand=x/y", "//[::1/x", "//[::1]x/y", "//host/%0"})
    EXPECT_EQ(code_of([&] { (void)parse(rest); }), ErrorCode::usage) << rest;
}

TEST(SftpAddress, Refuses_a_password_without_showing_it) {
  const Error error = error_of([] { (void)open_store("sftp://me:sesame@host/x"); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_THAT(error.what(), Not(HasSubstr("sesame")));
  EXPECT_THAT(error.hint(), HasSubstr("docs/storage.md"));
}

TEST(SftpPacket, Attributes_are_read_as_far_as_they_are_there) {
  // size, owner, mode of a folder, times, one extension
  const SftpFields all = std::move(SftpFields()
                                       .u32(0x8000000F)
                                       .u64(5'000'000'000)
                                       .u32(1)
                                       .u32(2)
                                       .u32(0040755)
                                       .u32(10)
                                       .u32(1'700'000'000)
                                       .u32(1)
                                       .text("name")
                                       .text("value"));
  SftpFieldReader reader(all.view());
  const RemoteEntry entry = reader.attributes();
  EXPECT_EQ(entry.size, 5'000'000'000U);
  EXPECT_EQ(entry.kind, RemoteKind::folder);
  EXPECT_EQ(entry.modified, 1'700'000'000 * kNsPerSecond);
  EXPECT_TRUE(reader.empty());
  for (std::size_t size = 0; size < all.view().size(); ++size)
    EXPECT_EQ(code_of([&] { (void)SftpFieldReader(all.view().first(size)).attributes(); }), ErrorCode::io) << size;
}

}  // namespace
}  // namespace igudar
