#include "cli/password.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/bytes.h"
#include "base/error.h"
#include "base/password_input.h"
#include "base/unique_fd.h"
#include "testing/scratch_dir.h"

namespace igudar {

namespace {

std::string line_of(const std::string& content) {
  testing::ScratchDir folder;
  std::ofstream(folder / "password") << content;
  const UniqueFd file(::open((folder / "password").c_str(), O_RDONLY | O_CLOEXEC));
  return std::string(text_of(read_password_line(file.get(), "password").view()));
}

class RepositoryPassword : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"IGUDAR_PASSWORD", "IGUDAR_PASSWORD_FILE", "IGUDAR_PASSWORD_COMMAND"}) ::unsetenv(name);
  }
  std::string password(std::vector<std::string> options) {
    options.insert(options.begin(), "stats");
    return std::string(text_of(repository_password(parse_command_line(options), console_, {}).view()));
  }
  Console console_{stdout, stderr, {.quiet = true}};
};

}  // namespace

TEST(Password_line, is_the_first_line_with_its_blanks) {
  EXPECT_EQ(line_of("secret\n"), "secret");
  EXPECT_EQ(line_of("secret"), "secret");
  EXPECT_EQ(line_of("secret\r\nmore\n"), "secret");
  EXPECT_EQ(line_of(" a b \n"), " a b ");
  EXPECT_EQ(line_of(""), "");
  EXPECT_THROW(line_of(std::string(70000, 'x')), Error);
}

TEST_F(RepositoryPassword, is_wiped_from_the_environment_once_it_was_read) {
  ::setenv("IGUDAR_PASSWORD", "from environment", 1);
  const char* place = std::getenv("IGUDAR_PASSWORD");
  EXPECT_EQ(password({}), "from environment");
  EXPECT_EQ(std::getenv("IGUDAR_PASSWORD"), nullptr);
  EXPECT_EQ(*place, '\0');
}

TEST_F(RepositoryPassword, comes_from_the_command_line_rather_than_the_environment) {
  ::setenv("IGUDAR_PASSWORD", "variable", 1);
  EXPECT_EQ(password({"--password-command", "echo command; echo more"}), "command");
  EXPECT_EQ(std::getenv("IGUDAR_PASSWORD"), nullptr);
}

TEST_F(RepositoryPassword, comes_from_a_file) {
  testing::ScratchDir folder;
  std::ofstream(folder / "p") << "in a file\n";
  EXPECT_EQ(password({"--password-file", folder / "p"}), "in a file");
  ::setenv("IGUDAR_PASSWORD_FILE", (folder / "p").c_str(), 1);
  EXPECT_EQ(password({}), "in a file");
}

TEST_F(RepositoryPassword, of_a_failing_command_is_refused) {
  EXPECT_THROW(password({"--password-command", "echo half; exit 3"}), Error);
  EXPECT_THROW(password({"--password-command", "true", "--password-file", "/x"}), Error);
}

TEST_F(RepositoryPassword, that_is_new_must_not_be_empty) {
  EXPECT_THROW(new_repository_password(parse_command_line({"init", "--password-command", "echo"}), console_, {}),
               Error);
}

}  // namespace igudar
