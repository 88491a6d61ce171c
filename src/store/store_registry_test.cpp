#include "store/store_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/expect_error.h"

namespace igudar {

using testing::error_of;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(StoreRegistry, Takes_paths_as_they_are) {
  for (const char* path : {"/srv/backup", "backup", "./a:b", "/x:y", "../a%20b", "a/b:c", ".hidden", "a b:c", "1:2"})
    EXPECT_EQ(open_store(path)->location(), path);
}

TEST(StoreRegistry, Opens_file_urls) {
  EXPECT_EQ(open_store("file:/srv/backup")->location(), "/srv/backup");
  EXPECT_EQ(open_store("file:///srv/backup")->location(), "/srv/backup");
  EXPECT_EQ(open_store("FILE://localhost/srv")->location(), "/srv");
  EXPECT_EQ(open_store("file:backup")->location(), "backup");
  EXPECT_EQ(open_store("file:///a%20b%2fc%C3%A9")->location(), "/a b/cé");
}

TEST(StoreRegistry, Refuses_urls_that_say_nothing_sensible) {
  for (const char* url :
       {"", "file:", "file://", "file://host/srv", "file://host", "file:/a%", "file:/a%4", "file:/%zz", "file:/a%00b"})
    EXPECT_EQ(error_of([&] { (void)open_store(url); }).code(), ErrorCode::usage) << url;
}

TEST(StoreRegistry, Names_the_known_schemes_and_hides_what_may_be_a_password) {
  const Error error = error_of([] { (void)open_store("gopher:user:secret@host/x"); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_THAT(error.what(), HasSubstr("gopher:"));
  EXPECT_THAT(error.what(), HasSubstr("file:"));
  EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
  EXPECT_EQ(error_of([] { (void)open_store("C:foo"); }).code(), ErrorCode::usage);
}

}  // namespace igudar
