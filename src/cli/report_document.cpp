#include "cli/report_document.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/translate.h"
#include "cli/help_text.h"
#include "cli/pdf_page.h"
#include "cli/terminal_text.h"
#include "keys/key_file.h"

namespace igudar {

namespace {

constexpr std::size_t kColumns = 100;  // of a line of text
constexpr std::size_t kIndent = 4;

void add_indented(std::vector<std::string>& lines, const std::string& text, std::size_t indent) {
  for (const std::string& line : wrapped(text, kColumns - indent)) lines.push_back(std::string(indent, ' ') + line);
}

std::optional<ReportFormat> format_named(std::string_view name) {
  if (name == "text" || name == "txt") return ReportFormat::text;
  if (name == "csv") return ReportFormat::csv;
  if (name == "json") return ReportFormat::json;
  if (name == "pdf") return ReportFormat::pdf;
  return std::nullopt;
}

ReportFormat chosen_format(const Arguments& arguments, const std::optional<std::string>& file) {
  if (const std::optional<std::string> name = arguments.value("format")) return format_named(*name).value();
  if (file)
    if (const std::size_t dot = file->rfind('.'); dot != std::string::npos)
      if (const std::optional<ReportFormat> format = format_named(file->substr(dot + 1))) return *format;
  return arguments.has("json") ? ReportFormat::json : ReportFormat::text;
}

std::string text_file(const Report& report) {
  std::string text;
  for (const std::string& line : report_lines(report)) text += line + "\n";
  return text;
}

// All but PDF; ended by a line feed.
std::string text_of_form(ReportFormat format, const ReportForms& forms) {
  if (format == ReportFormat::csv) return *forms.csv;
  return format == ReportFormat::json ? forms.json.dump(2) + "\n" : text_file(forms.report);
}

}  // namespace

std::vector<std::string> report_lines(const Report& report) {
  std::vector<std::string> lines{report.title, ""};
  for (const std::string& paragraph : report.introduction) add_indented(lines, escape_message(paragraph), 0);
  for (const ReportSection& section : report.sections) {
    lines.emplace_back();
    lines.push_back(escape_message(section.title));
    std::string rule;
    for (std::size_t i = 0; i < display_width(escape_message(section.title)); ++i) rule += "─";
    lines.push_back(rule);
    for (const ReportRow& row : section.rows) {
      lines.push_back(row.label);
      for (const std::string& value : row.values) add_indented(lines, escape_message(value), kIndent);
    }
  }
  return lines;
}

SecretBytes report_pdf(const Report& report) {
  PdfDocument pdf;
  pdf.line("Helvetica-Bold", 18, report.title);
  pdf.space(8);
  std::vector<std::string> introduction;
  for (const std::string& paragraph : report.introduction) introduction.push_back(text_for_pdf(paragraph));
  pdf.paragraphs(introduction);
  for (const ReportSection& section : report.sections) {
    pdf.space(10);
    pdf.line("Helvetica-Bold", 13, text_for_pdf(section.title));
    for (const ReportRow& row : section.rows) {
      pdf.space(2);
      pdf.line("Helvetica-Bold", 10, row.label);
      std::vector<std::string> values;
      for (const std::string& value : row.values) values.push_back(text_for_pdf(value));
      pdf.paragraphs(values);
    }
  }
  return pdf.content();
}

ReportTarget report_target(const Arguments& arguments) {
  ReportTarget target;
  target.file = arguments.value("output");
  target.format = chosen_format(arguments, target.file);
  if (target.file) return target;
  if (target.format == ReportFormat::pdf)
    throw Error(ErrorCode::usage, tr("the file to write is missing"), tr("Name it with --output."));
  if (arguments.has("json") && target.format != ReportFormat::json)
    throw Error(ErrorCode::usage, tr("--json writes JSON only"), tr("Leave it out, or name a file with --output."));
  return target;
}

void put_report(const CommandContext& context, const ReportTarget& target, const ReportForms& forms) {
  Console& console = context.console;
  if (target.format == ReportFormat::csv && !forms.csv)
    throw Error(ErrorCode::usage, tr("there is no CSV of this"), trf("It can be one of: {}", "text, json, pdf"));
  if (target.file) {
    if (target.format == ReportFormat::pdf)
      write_secret_file(*target.file, report_pdf(forms.report).view());
    else
      write_secret_file(*target.file, view_of(text_of_form(target.format, forms)));
    if (!console.json()) return console.info(trf("Wrote {}", console.shown_name(*target.file)));
    Json object = {{"message_type", "written"}};
    put_name(object, "path", *target.file);
    return console.json_line(object.dump(), true);
  }
  if (console.json()) return console.json_line(forms.json.dump(), true);
  std::string text = text_of_form(target.format, forms);
  text.pop_back();  // result() ends the line
  console.result(text);
}

}  // namespace igudar
