#include "cli/audit_text.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace igudar {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

AuditEvent event_by(const std::string& user, const std::string& argument) {
  AuditEvent event;
  event.facts.operation = "backup";
  event.facts.time = 1'800'000'000'123'456'789;
  event.person = AuditPerson::shown;
  event.personal = {user, 1000, "web1", {argument}, {}};
  return event;
}

TEST(AuditText, Cells_are_quoted_and_never_formulas) {
  EXPECT_THAT(audit_csv_line(event_by("=HYPERLINK(\"x\")", "a")), HasSubstr(",\"'=HYPERLINK(\"\"x\"\")\","));
  for (const char* first : {"+", "-", "@"})
    EXPECT_THAT(audit_csv_line(event_by("u", std::string(first) + "1")), HasSubstr(std::string("\"'") + first + "1\""));
  EXPECT_THAT(audit_csv_line(event_by("u", "a\r\n\t=b")), HasSubstr("\"a\\r\\n\\t=b\""));
}

TEST(AuditText, Syslog_lines_are_one_line_and_escape_what_RFC_5424_asks_for) {
  const std::string line = audit_syslog_line(event_by("a]b\"c\\d", "new\nline"));
  EXPECT_TRUE(line.starts_with("<110>1 2027-01-15T08:00:00.123456Z web1 igudar - intent [igudar@32473 ")) << line;
  EXPECT_THAT(line, HasSubstr("user=\"a\\]b\\\"c\\\\d\""));
  EXPECT_THAT(line, Not(HasSubstr("\n")));
}

TEST(AuditText, A_failed_operation_is_a_warning_and_a_forged_entry_an_alert) {
  AuditEvent event = event_by("u", "a");
  event.facts.type = AuditType::outcome;
  event.facts.status = 11;
  EXPECT_TRUE(audit_syslog_line(event).starts_with("<108>1 "));
  event.genuine = false;
  EXPECT_TRUE(audit_syslog_line(event).starts_with("<105>1 "));
}

TEST(AuditText, Json_of_a_person_who_is_anonymised_has_no_name) {
  AuditEvent event = event_by("amina", "/home/amina");
  event.person = AuditPerson::anonymised;
  event.personal = {};
  const Json object = audit_json(event);
  EXPECT_EQ(object["person"], "anonymised");
  EXPECT_FALSE(object.contains("user"));
  EXPECT_FALSE(object.contains("arguments"));
}

}  // namespace

}  // namespace igudar
