#include <nlohmann/json.hpp>

#include "ops/restore/restore.h"

#include "base/error.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/monitors.h"
#include "cli/option_values.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"

namespace igudar {

namespace {

Overwrite overwrite_mode(const Arguments& arguments) {
  const std::string when = arguments.value_or_default("overwrite");
  if (when == "never") return Overwrite::never;
  return when == "if-changed" ? Overwrite::if_changed : Overwrite::always;
}

RestoreOptions restore_options(const Arguments& arguments) {
  RestoreOptions options;
  options.snapshot = arguments.positional()[0];
  options.filter = snapshot_filter(arguments);
  options.target = arguments.value("target").value_or("");
  if (options.target.empty())
    throw Error(ErrorCode::usage, tr("no target folder was named"), tr("Say where to restore to: --target FOLDER"));
  options.includes = arguments.values("include");
  options.excludes = arguments.values("exclude");
  options.overwrite = overwrite_mode(arguments);
  options.delete_extra = arguments.has("delete");
  options.sparse = arguments.has("sparse");
  options.dry_run = arguments.has("dry-run");
  options.verify = arguments.has("verify");
  options.numeric_ids = arguments.has("numeric-ids");
  options.threads = thread_count(arguments);
  return options;
}

Json json_of(const RestoreSummary& summary, const RestoreOptions& options) {
  Json object = {{"message_type", "summary"}, {"dry_run", options.dry_run}, {"snapshot_id", summary.snapshot_id}};
  put_name(object, "target", options.target);
  object["files"] = summary.files;
  object["files_unchanged"] = summary.files_unchanged;
  object["files_skipped"] = summary.files_skipped;
  object["directories"] = summary.directories;
  object["other_entries"] = summary.other_entries;
  object["bytes_written"] = summary.bytes_written;
  object["bytes_verified"] = summary.bytes_verified;
  object["deleted"] = summary.deleted;
  object["problems"] = summary.problems;
  object["seconds"] = summary.seconds;
  return object;
}

void print(Console& console, const RestoreSummary& summary, const RestoreOptions& options) {
  const std::string files = format_counted("{} file", "{} files", summary.files);
  const std::string folders = format_counted("{} folder", "{} folders", summary.directories);
  const std::string bytes = format_size(summary.bytes_written);
  if (options.dry_run)
    console.info(trf("Would restore {} ({}) and {} from snapshot {} to {}", files, bytes, folders,
                     short_id(summary.snapshot_id), console.shown_name(options.target)));
  else
    console.info(trf("Restored {} ({}) and {} from snapshot {} to {} in {}", files, bytes, folders,
                     short_id(summary.snapshot_id), console.shown_name(options.target),
                     format_duration(summary.seconds)));
  if (summary.files_unchanged > 0)
    console.info(format_counted("{} file was there already, with the same content",
                                "{} files were there already, with the same content", summary.files_unchanged));
  if (summary.files_skipped > 0)
    console.info(format_counted("{} file was left as it is (--overwrite)",
                                "{} files were left as they are (--overwrite)", summary.files_skipped));
  if (summary.deleted > 0)
    console.info(options.dry_run
                     ? format_counted("{} item would be removed", "{} items would be removed", summary.deleted)
                     : format_counted("{} item was removed", "{} items were removed", summary.deleted));
  if (options.verify && !options.dry_run)
    console.info(trf("Read back and compared {}", format_size(summary.bytes_verified)));
}

}  // namespace

int run_restore(const CommandContext& context) {
  Console& console = context.console;
  const RestoreOptions options = restore_options(context.arguments);
  Repository& repository = open_repository(context);
  const std::unique_ptr<CommandMonitor> monitor = make_monitor(
      console, {.draw_progress = !context.arguments.has("no-progress"), .json_style = JsonStyle::lines}, context.stop);
  RestoreSummary summary;
  try {
    summary = restore(repository, options, *monitor, context.stop);
  } catch (Error& error) {
    monitor->finish();
    if (error.code() == ErrorCode::interrupted && error.hint().empty() && !options.dry_run)
      error.with_hint(tr("What was restored so far stays: run the command again, and only the rest is written."));
    throw;
  }
  monitor->finish();
  context.audit.read(ObjectKind::snapshot, summary.snapshot_id);
  context.audit.count("files", summary.files);
  context.audit.count("bytes_written", summary.bytes_written);
  context.audit.count("deleted", summary.deleted);
  context.audit.count("problems", summary.problems);
  if (console.json())
    console.json_line(json_of(summary, options).dump(), true);
  else
    print(console, summary, options);
  if (summary.problems == 0) return 0;
  if (!console.json())
    console.warning(format_counted("{} item could not be restored as it should",
                                   "{} items could not be restored as they should", summary.problems));
  return exit_status(monitor->saw_damage() ? ErrorCode::damaged : ErrorCode::failed);
}

}  // namespace igudar
