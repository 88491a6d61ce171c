#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"

namespace igudar {

// Reports for people who do not use the program: titled sections of labelled values, as text or on pages. Texts may
// come from outside: the renderers escape them.

struct ReportRow {
  std::string name;   // for programs: a column of CSV; may be empty
  std::string label;  // translated
  std::vector<std::string> values;
};
struct ReportSection {
  std::string title;
  std::vector<ReportRow> rows;
};
struct Report {
  std::string title;
  std::vector<std::string> introduction;
  std::vector<ReportSection> sections;
};

std::vector<std::string> report_lines(const Report& report);
SecretBytes report_pdf(const Report& report);

enum class ReportFormat { text, csv, json, pdf };
struct ReportTarget {
  ReportFormat format = ReportFormat::text;
  std::optional<std::string> file = {};  // none: standard output
};
// What --format, --output and --json ask for: without --format the ending of the file says it. Throws usage.
ReportTarget report_target(const Arguments& arguments);

// Writes the report where it was asked for: a new file of mode 0600, or standard output. `json` is one object.
// Throws already_exists rather than replace a file, and usage for CSV where there is none.
struct ReportForms {
  const Report& report;
  const Json& json;
  std::optional<std::string> csv = {};
};
void put_report(const CommandContext& context, const ReportTarget& target, const ReportForms& forms);

}  // namespace igudar
