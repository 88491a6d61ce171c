#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "cli/console.h"
#include "cli/generate/generate.h"
#include "cli/help_text.h"
#include "cli/json_fields.h"
#include "cli/json_monitor.h"
#include "cli/text_monitor.h"
#include "cli/text_table.h"
#include "testing/scratch_dir.h"

namespace igudar {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace {

// A console that writes to files.
class Written {
 public:
  explicit Written(ConsoleOptions options = {})
      : out_(std::fopen((folder_ / "out").c_str(), "w")),
        err_(std::fopen((folder_ / "err").c_str(), "w")),
        console(out_, err_, options) {}
  ~Written() {
    std::fclose(out_);
    std::fclose(err_);
  }

  std::string out() { return text("out"); }
  std::string err() { return text("err"); }

 private:
  std::string text(const std::string& name) {
    console.finish();
    std::ostringstream content;
    content << std::ifstream(folder_ / name).rdbuf();
    return content.str();
  }

  testing::ScratchDir folder_;
  std::FILE* out_;
  std::FILE* err_;

 public:
  Console console;
};

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> objects;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) objects.push_back(Json::parse(line));
  return objects;
}

}  // namespace

TEST(Console, results_are_shown_and_news_are_not_when_quiet) {
  Written quiet({.quiet = true});
  quiet.console.result("wanted");
  quiet.console.info("news");
  EXPECT_EQ(quiet.out(), "wanted\n");
}

TEST(Console, an_error_says_what_where_and_what_to_do) {
  Written written;
  Error error(ErrorCode::damaged, "pack 12 is damaged", "Run check.");
  error.with_context("while restoring a\nb");
  written.console.error(error);
  EXPECT_EQ(written.err(), "igudar: error: pack 12 is damaged (while restoring a\\nb)\nRun check.\n");
  EXPECT_EQ(written.out(), "");
}

TEST(Console, an_error_is_one_json_object_with_json) {
  Written written({.json = true});
  written.console.error(Error(ErrorCode::wrong_key, "no slot opens \xFF", "Try again."));
  const std::vector<Json> objects = lines_of(written.out());
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0]["message_type"], "error");
  EXPECT_EQ(objects[0]["code"], "wrong_key");
  EXPECT_EQ(objects[0]["exit"], 12);
  EXPECT_EQ(objects[0]["hint"], "Try again.");
  EXPECT_EQ(written.err(), "");
}

TEST(Console, a_full_disk_shows_at_the_end) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  {
    Console console(full, stderr, {});
    console.result("lost");
    try {
      console.finish();
      ADD_FAILURE() << "the failure was not told";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::no_space);
    }
  }
  std::fclose(full);
}

TEST(Text_monitor, shows_problems_always_and_items_by_verbosity) {
  Written written({.verbosity = 1});
  TextMonitor monitor(written.console);
  monitor.item("/a", "new", 2048);
  monitor.item("/b", "unchanged", 1);
  monitor.problem("/etc/shadow", Error(ErrorCode::permission, "access denied"));
  monitor.problem("/c\x1b", Error(ErrorCode::damaged, "cannot use /c\x1b"));
  EXPECT_EQ(written.out(), "new        /a  (2.00 KiB)\n");
  EXPECT_EQ(written.err(), "igudar: warning: /etc/shadow: access denied\nigudar: warning: cannot use /c\\x1b\n");
  EXPECT_EQ(monitor.problems(), 2U);
  EXPECT_TRUE(monitor.saw_damage());
}

TEST(Json_monitor, tells_hostile_names_without_loss) {
  Written written({.json = true, .verbosity = 1});
  JsonMonitor monitor(written.console);
  monitor.item("a\n\"\x1b\xFF", "new", 7);
  monitor.problem("plain", Error(ErrorCode::permission, "access denied"));
  const std::vector<Json> objects = lines_of(written.out());
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0]["path"], "a\n\"\x1b\xEF\xBF\xBD");
  EXPECT_EQ(objects[0]["path_bytes"], "610a221bff");
  EXPECT_EQ(objects[1]["message_type"], "error");
  EXPECT_EQ(objects[1]["item"], "plain");
  EXPECT_FALSE(objects[1].contains("item_bytes"));
  EXPECT_FALSE(objects[1].contains("exit"));
}

TEST(Json_monitor, writes_no_status_before_a_second_has_passed) {
  Written written({.json = true});
  JsonMonitor monitor(written.console);
  for (int i = 0; i < 1000; ++i) monitor.advance(1, 1);
  EXPECT_LE(lines_of(written.out()).size(), 1U);
}

TEST(Text_table, aligns_by_display_width) {
  TextTable table({{"Name"}, {"Size", Align::right}, {"Path"}});
  table.add({"é", "1", "/a\n/b"});
  table.add({"longer", "1000", ""});
  EXPECT_THAT(table.lines(), ElementsAre("Name    Size  Path", StartsWith("──"), "é          1  /a", "              /b",
                                         "longer  1000"));
}

TEST(Help, explains_every_command_within_eighty_eight_columns) {
  for (const CommandSpec& command : command_table()) {
    const std::string help = command_help_text(command);
    EXPECT_THAT(help, HasSubstr(std::string("igudar ") + command.name));
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("  igudar")) continue;
      EXPECT_LE(display_width(line), 88U) << line;
    }
  }
}

TEST(Help, has_its_topics_in_the_overview_and_in_the_man_page) {
  for (const HelpTopic& topic : help_topics()) {
    EXPECT_THAT(overview_text(), HasSubstr(std::string("  ") + topic.name + " "));
    EXPECT_THAT(man_page(), HasSubstr(std::string(".SH \"") + topic.title));
    std::istringstream lines(topic_help_text(topic));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 88U) << line;
  }
}

TEST(Generated_texts, know_every_visible_command_and_option) {
  for (const GeneratedText& text : generated_texts()) {
    const std::string content = text.make();
    SCOPED_TRACE(text.name);
    EXPECT_TRUE(is_valid_utf8(content));
    EXPECT_EQ(content.find('\0'), std::string::npos);
    for (const CommandSpec& command : command_table())
      EXPECT_THAT(content, HasSubstr(command.hidden ? "igudar" : command.name));
    for (const OptionSpec& option : option_table()) {
      std::string name = option.name;
      if (std::string_view(text.name) == "man")
        for (std::size_t at = 0; (at = name.find('-', at)) != std::string::npos; at += 2) name.insert(at, "\\");
      EXPECT_THAT(content, HasSubstr(name));
    }
  }
}

TEST(Man_page, has_each_exit_status_once) {
  const std::string page = man_page();
  const std::size_t begin = page.find("EXIT STATUS");
  ASSERT_NE(begin, std::string::npos);
  for (const char* status : {"0", "1", "2", "3", "10", "11", "12", "130"}) {
    const std::string entry = std::string("\\fB") + status + "\\fR\n";
    const std::size_t first = page.find(entry, begin);
    EXPECT_NE(first, std::string::npos) << status;
    EXPECT_EQ(page.find(entry, first + 1), std::string::npos) << status;
  }
}

}  // namespace igudar
