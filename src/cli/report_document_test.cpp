#include "cli/report_document.h"

#include <gmock/gmock.h>

#include "store/expect_error.h"

namespace igudar {

namespace {

using testing::code_of;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

Report example() {
  return {
      "Report", {"about it"}, {{"Domain \x1b[31mred", {{"name", "Label", {"first\nsecond", "a\x1b]0;title\x07z"}}}}}};
}

Arguments with(const std::vector<std::pair<std::string, std::string>>& options) {
  Arguments arguments(CommandId::privacy);
  for (const auto& [name, value] : options) arguments.add_option(name, {value});
  return arguments;
}

TEST(ReportDocument, Text_sends_nothing_to_the_terminal_that_it_would_obey) {
  const std::vector<std::string> lines = report_lines(example());
  EXPECT_THAT(lines, Each(Not(HasSubstr("\x1b"))));
  EXPECT_THAT(lines, Each(Not(HasSubstr("\n"))));
  EXPECT_THAT(lines, ::testing::Contains("    first\\nsecond"));
}

TEST(ReportDocument, Pages_take_what_has_no_blank_and_is_longer_than_a_line) {
  Report report = example();
  report.sections[0].rows[0].values = {std::string(5000, 'x'), "ⵜⵉⵣⵏⵉⵜ"};
  const SecretBytes pdf = report_pdf(report);
  EXPECT_TRUE(text_of(pdf.view()).starts_with("%PDF-"));
}

TEST(ReportDocument, The_ending_of_the_file_says_the_format_unless_an_option_does) {
  EXPECT_EQ(report_target(with({})).format, ReportFormat::text);
  EXPECT_EQ(report_target(with({{"json", ""}})).format, ReportFormat::json);
  EXPECT_EQ(report_target(with({{"output", "a.b/report.csv"}})).format, ReportFormat::csv);
  EXPECT_EQ(report_target(with({{"output", "report.pdf"}})).format, ReportFormat::pdf);
  EXPECT_EQ(report_target(with({{"output", "report.pdf"}, {"format", "json"}})).format, ReportFormat::json);
  EXPECT_EQ(report_target(with({{"output", "report"}})).format, ReportFormat::text);
  EXPECT_EQ(code_of([] { report_target(with({{"format", "pdf"}})); }), ErrorCode::usage);
  EXPECT_EQ(code_of([] { report_target(with({{"format", "csv"}, {"json", ""}})); }), ErrorCode::usage);
}

}  // namespace

}  // namespace igudar
