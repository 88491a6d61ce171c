#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <stdexcept>

#include "base/error.h"
#include "cli/option_table.h"
#include "cli/suggestion.h"

namespace igudar {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {
Error usage_error(std::vector<std::string> words) {
  try {
    parse_command_line(std::move(words));
  } catch (const Error& error) {
    EXPECT_EQ(exit_status(error.code()), 2);
    return error;
  }
  ADD_FAILURE() << "the command line was accepted";
  return Error(ErrorCode::failed, "");
}
}  // namespace

TEST(Command_line, options_may_stand_before_and_after_the_command) {
  const Arguments arguments = parse_command_line({"-r", "/a", "backup", "x", "--exclude", "*.o", "y", "-e=z", "-q"});
  EXPECT_EQ(arguments.command(), CommandId::backup);
  EXPECT_EQ(arguments.value("repo"), "/a");
  EXPECT_THAT(arguments.positional(), ElementsAre("x", "y"));
  EXPECT_EQ(arguments.values("exclude").size(), 2U);
  EXPECT_TRUE(arguments.has("quiet"));
  EXPECT_FALSE(arguments.has("json"));
}

TEST(Command_line, flags_are_counted_and_joined) {
  EXPECT_EQ(parse_command_line({"backup", "-vv", "a", "--verbose"}).count("verbose"), 3U);
  EXPECT_TRUE(parse_command_line({"backup", "-qx", "a"}).has("one-file-system"));
}

TEST(Command_line, paths_are_taken_as_they_are) {
  const Arguments arguments =
      parse_command_line({"backup", "ls", "[a]", "a=b", "{}", "backup", "", "--", "--json", "-x", "--"});
  EXPECT_THAT(arguments.positional(), ElementsAre("ls", "[a]", "a=b", "{}", "backup", "", "--json", "-x", "--"));
  EXPECT_FALSE(arguments.has("json"));
}

TEST(Command_line, values_may_look_like_options_and_lists) {
  const Arguments arguments =
      parse_command_line({"backup", "a", "--exclude", "-foo", "-e", "[a,b]", "--exclude=--json", "-e", "!x"});
  EXPECT_THAT(arguments.values("exclude"), ElementsAre("-foo", "[a,b]", "--json", "!x"));
  EXPECT_FALSE(arguments.has("json"));
}

TEST(Command_line, one_dash_is_a_value) {
  EXPECT_THAT(parse_command_line({"backup", "--files-from", "-"}).values("files-from"), ElementsAre("-"));
}

TEST(Command_line, unknown_names_are_refused_with_the_nearest_one) {
  EXPECT_THAT(usage_error({"bakcup", "a"}).hint(), HasSubstr("'backup'"));
  EXPECT_THAT(usage_error({"backup", "a", "--exlude", "b"}).hint(), HasSubstr("'--exclude'"));
  EXPECT_THAT(usage_error({"--jsno", "ls", "x"}).hint(), HasSubstr("'--json'"));
  EXPECT_THAT(usage_error({"ls", "x", "--exclude", "y"}).message(), HasSubstr("'ls' has no option '--exclude'"));
}

TEST(Command_line, wrong_use_is_refused) {
  usage_error({});
  usage_error({"ls"});
  usage_error({"ls", "a", "b", "c"});
  usage_error({"stats", "a"});
  usage_error({"ls", "a", "--repo"});
  usage_error({"ls", "a", "--json=no"});
  usage_error({"ls", "a", "-r", "x", "-r", "y"});
  usage_error({"restore", "latest", "--overwrite", "sometimes"});
}

TEST(Command_line, help_wins_over_everything_else) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"ls", "--help"},
                                                {"ls", "-h"},
                                                {"--help", "ls"},
                                                {"help", "ls"},
                                                {"ls", "a", "b", "c", "-h"}}) {
    const Arguments arguments = parse_command_line(words);
    EXPECT_EQ(arguments.command(), CommandId::help);
    EXPECT_THAT(arguments.positional(), ElementsAre("ls"));
  }
  EXPECT_TRUE(parse_command_line({"--help"}).positional().empty());
}

TEST(Command_line, the_version_is_asked_for_in_every_way_that_is_usual) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--version"},
                                                {"-V"},
                                                {"version"},
                                                {"version", "--version"},
                                                {"ls", "a", "b", "c", "-V"},
                                                {"--version", "--json"}}) {
    const Arguments arguments = parse_command_line(words);
    EXPECT_EQ(arguments.command(), CommandId::version);
    EXPECT_TRUE(arguments.positional().empty());
    EXPECT_EQ(arguments.has("json"), words.back() == "--json");
  }
  EXPECT_EQ(parse_command_line({"--version", "--help"}).command(), CommandId::help);
}

TEST(Command_line, a_flag_may_be_set_in_the_environment) {
  EXPECT_FALSE(parse_command_line({"stats"}).has("fips"));
  EXPECT_TRUE(parse_command_line({"stats", "--fips"}).has("fips"));
  for (const auto& [value, set] :
       {std::pair("1", true), std::pair("yes", true), std::pair("0", false), std::pair("", false)}) {
    ::setenv("IGUDAR_FIPS", value, 1);
    EXPECT_EQ(parse_command_line({"stats"}).has("fips"), set) << value;
  }
  ::unsetenv("IGUDAR_FIPS");
}

TEST(Command_line, the_environment_stands_in_for_what_is_not_given) {
  ::setenv("IGUDAR_REPOSITORY", "/from/environment", 1);
  EXPECT_EQ(parse_command_line({"stats"}).value("repo"), "/from/environment");
  EXPECT_FALSE(parse_command_line({"stats"}).given("repo"));
  EXPECT_EQ(parse_command_line({"stats", "-r", "/given"}).value("repo"), "/given");
  ::setenv("IGUDAR_REPOSITORY", "", 1);
  EXPECT_FALSE(parse_command_line({"stats"}).value("repo"));
  ::unsetenv("IGUDAR_REPOSITORY");
}

TEST(Command_line, defaults_are_those_of_the_table) {
  EXPECT_EQ(parse_command_line({"restore", "latest"}).value_or_default("overwrite"), "always");
  EXPECT_THROW(parse_command_line({"stats"}).value("overwrite"), std::logic_error);
}

TEST(Option_table, each_option_is_explained_and_complete) {
  for (const OptionSpec& option : option_table()) {
    SCOPED_TRACE(option.name);
    ASSERT_NE(option.help, nullptr);
    EXPECT_FALSE(std::string(option.help).empty());
    EXPECT_FALSE(std::string(option.help).ends_with('.'));
    EXPECT_EQ(option.kind == ValueKind::flag, option.value_name == nullptr);
    EXPECT_EQ(option.kind == ValueKind::choice, option.choices != nullptr);
  }
}

TEST(Option_table, no_command_has_two_options_of_one_name_or_letter) {
  for (const CommandSpec& command : command_table()) {
    std::set<std::string> names;
    std::set<char> letters;
    for (const OptionSpec& option : option_table()) {
      if (!option.commands.contains(command.id)) continue;
      EXPECT_TRUE(names.insert(option.name).second) << command.name << " --" << option.name;
      if (option.letter != 0) {
        EXPECT_TRUE(letters.insert(option.letter).second) << command.name << " -" << option.letter;
      }
    }
  }
}

TEST(Option_table, defaults_are_among_the_choices) {
  for (const OptionSpec& option : option_table()) {
    if (option.choices == nullptr || option.default_value == nullptr) continue;
    EXPECT_THAT(split_choices(option.choices), ::testing::Contains(std::string_view(option.default_value)))
        << option.name;
  }
}

TEST(Command_table, is_in_the_order_of_its_ids_and_explained) {
  unsigned place = 0;
  for (const CommandSpec& command : command_table()) {
    EXPECT_EQ(static_cast<unsigned>(command.id), place++);
    EXPECT_EQ(find_command(command.name), &command);
    EXPECT_FALSE(std::string(command.summary).empty());
    EXPECT_FALSE(std::string(command.description).empty());
  }
}

TEST(Suggestion, counts_swapped_letters_once) {
  EXPECT_EQ(edit_distance("bakcup", "backup"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
}

TEST(Suggestion, offers_only_what_is_near) {
  const std::vector<std::string> names = {"backup", "snapshots", "stats"};
  EXPECT_EQ(nearest("snaps", names), "snapshots");
  EXPECT_EQ(nearest("stat", names), "stats");
  EXPECT_FALSE(nearest("mount", names));
  EXPECT_FALSE(nearest("", names));
}

}  // namespace igudar
