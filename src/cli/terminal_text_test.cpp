#include "cli/terminal_text.h"

#include <gtest/gtest.h>

#include <clocale>

namespace igudar {

TEST(Escape_name, makes_control_characters_visible) {
  EXPECT_EQ(escape_name("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(escape_name("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(escape_name("\x7f"), "\\x7f");
  EXPECT_EQ(escape_name("\xC2\x9B"), "\\u009b");  // a control sequence introducer of one character
}

TEST(Escape_name, makes_invalid_utf8_visible) {
  EXPECT_EQ(escape_name("caf\xE9"), "caf\\xe9");
  EXPECT_EQ(escape_name("\xC0\xAF"), "\\xc0\\xaf");           // overlong '/'
  EXPECT_EQ(escape_name("\xED\xA0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(escape_name("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(escape_name("\xE2\x82"), "\\xe2\\x82");
}

TEST(Escape_name, makes_characters_that_turn_the_text_round_visible) {
  EXPECT_EQ(escape_name("gpj.\xE2\x80\xAE"
                        "exe"),
            "gpj.\\u202eexe");
}

TEST(Escape_name, keeps_good_text_and_never_makes_two_names_look_alike) {
  EXPECT_EQ(escape_name("Été ⵣ 日本 👍"), "Été ⵣ 日本 👍");
  EXPECT_NE(escape_name("a\\n"), escape_name("a\n"));
}

TEST(Escape_message, keeps_backslashes_single) {
  EXPECT_EQ(escape_message("the pattern a\\*\n"), "the pattern a\\*\\n");
}

TEST(Replace_invalid_utf8, puts_the_replacement_character) {
  EXPECT_EQ(replace_invalid_utf8("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_TRUE(is_valid_utf8("aé"));
  EXPECT_FALSE(is_valid_utf8("a\xFF"));
}

class TerminalWidth : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr); }
};

TEST_F(TerminalWidth, counts_columns_not_bytes) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("é"), 1U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // with a combining accent
  EXPECT_EQ(display_width("日本"), 4U);
}

TEST_F(TerminalWidth, cut_text_fits_and_keeps_both_ends) {
  const std::string cut = fit_width("/home/amina/some/long/path/file.txt", 20);
  EXPECT_LE(display_width(cut), 20U);
  EXPECT_TRUE(cut.starts_with("/home"));
  EXPECT_TRUE(cut.ends_with("file.txt"));
  EXPECT_EQ(fit_width("short", 20), "short");
}

TEST_F(TerminalWidth, wide_characters_are_never_cut_in_two) {
  for (std::size_t columns = 0; columns < 12; ++columns) {
    const std::string cut = fit_width("日本語日本語", columns);
    EXPECT_LE(display_width(cut), columns);
    EXPECT_TRUE(is_valid_utf8(cut));
  }
}

}  // namespace igudar
