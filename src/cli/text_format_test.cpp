#include "cli/text_format.h"

#include <gtest/gtest.h>

namespace igudar {

TEST(Format_size, shows_three_significant_digits) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(1023), "1,023 B");
  EXPECT_EQ(format_size(1024), "1.00 KiB");
  EXPECT_EQ(format_size(1260), "1.23 KiB");
  EXPECT_EQ(format_size(12'600'000), "12.0 MiB");
  EXPECT_EQ(format_size(999ULL << 20), "999 MiB");
  EXPECT_EQ(format_size(1000ULL << 20), "1,000 MiB");
  EXPECT_EQ(format_size((1ULL << 30) - 1), "1.00 GiB");
  EXPECT_EQ(format_size(~0ULL), "16.0 EiB");
}

TEST(Format_size, never_shows_four_digits_because_of_rounding) {
  EXPECT_EQ(format_size(10235), "10.0 KiB");
  EXPECT_EQ(format_size(102340), "99.9 KiB");
  EXPECT_EQ(format_size(102392), "100 KiB");
}

TEST(Format_count, separates_thousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1234567), "1,234,567");
}

TEST(Format_duration, suits_its_length) {
  EXPECT_EQ(format_duration(0.4239), "0.42 s");
  EXPECT_EQ(format_duration(12.34), "12.3 s");
  EXPECT_EQ(format_duration(59.97), "1 min 00 s");
  EXPECT_EQ(format_duration(185), "3 min 05 s");
  EXPECT_EQ(format_duration(7620), "2 h 07 min");
  EXPECT_EQ(format_duration(3 * 86400 + 4 * 3600), "3 d 04 h");
  EXPECT_EQ(format_duration(-1), "0.00 s");
}

TEST(Format_clock, reads_as_a_clock) {
  EXPECT_EQ(format_clock(42), "0:42");
  EXPECT_EQ(format_clock(3723), "1:02:03");
}

TEST(Format_factor, has_one_decimal) {
  EXPECT_EQ(format_factor(3.46), "3.5 ×");
  EXPECT_EQ(format_factor(120), "120.0 ×");
}

TEST(Format_counted, chooses_the_form_by_the_count) {
  EXPECT_EQ(format_counted("{} file", "{} files", 1), "1 file");
  EXPECT_EQ(format_counted("{} file", "{} files", 1234), "1,234 files");
}

TEST(Parse_size, reads_what_people_write) {
  EXPECT_EQ(parse_size("500"), 500U);
  EXPECT_EQ(parse_size("500K"), 500U << 10);
  EXPECT_EQ(parse_size("500k"), 500U << 10);
  EXPECT_EQ(parse_size("1.5G"), 3ULL << 29);
  EXPECT_EQ(parse_size("2 MiB"), 2U << 20);
  EXPECT_EQ(parse_size("10kB"), 10U << 10);
  EXPECT_EQ(parse_size("1T"), 1ULL << 40);
}

TEST(Parse_size, refuses_what_is_no_size) {
  for (const char* text : {"", "G", "1.5X", "-1", "1e3", "1..5", "1.5GG", "99999E", "nan", "0x10", "5 %"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Parse_number, refuses_what_is_too_large_or_no_number) {
  EXPECT_EQ(parse_number("7", 7), 7U);
  EXPECT_FALSE(parse_number("8", 7));
  EXPECT_FALSE(parse_number("-1", 7));
  EXPECT_FALSE(parse_number("1x", 7));
  EXPECT_FALSE(parse_number("", 7));
}

TEST(Split_list, leaves_out_blanks_and_empty_parts) {
  EXPECT_EQ(split_list("a, b,,c "), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(split_list(" , ").empty());
}

}  // namespace igudar
