#include <nlohmann/json.hpp>

#include "ops/backup/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>

#include "base/descriptor_io.h"
#include "base/error.h"
#include "base/translate.h"
#include "base/unique_fd.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/consent_text.h"
#include "cli/json_fields.h"
#include "cli/monitors.h"
#include "cli/option_values.h"
#include "cli/repository_access.h"
#include "cli/text_format.h"
#include "cli/time_stamps.h"

namespace igudar {

namespace {

std::string content_of_list(const std::string& list) {
  const bool is_input = list == "-";
  const UniqueFd file(is_input ? -1 : ::open(list.c_str(), O_RDONLY | O_CLOEXEC));
  if (!is_input && !file.valid()) throw_errno(errno, trf("cannot read {}", list));
  std::string content;
  const int error = read_to_end(is_input ? STDIN_FILENO : file.get(), content);
  if (error == EINTR) throw Error(ErrorCode::interrupted, tr("interrupted"));
  if (error != 0) throw_errno(error, trf("cannot read {}", list));
  return content;
}

// The arguments, then what the files of --files-from name.
std::vector<std::string> source_paths(const Arguments& arguments) {
  std::vector<std::string> paths = arguments.positional();
  for (const std::string& list : arguments.values("files-from")) {
    std::istringstream lines(content_of_list(list));
    for (std::string line; std::getline(lines, line);) {
      // A part of such a line would be the path of something else.
      if (line.find('\0') != std::string::npos)
        throw Error(ErrorCode::usage, trf("{} holds a NUL byte, which no path does", list),
                    tr("Write one path a line ('find -print', not '-print0')."));
      if (!line.empty()) paths.push_back(line);
    }
  }
  return paths;
}

std::vector<DigestAlgorithm> digests(const Arguments& arguments) {
  std::vector<DigestAlgorithm> chosen;
  for (const std::string& list : arguments.values("digest"))
    for (const std::string& name : split_list(list)) {
      if (name == "sha256")
        chosen.push_back(DigestAlgorithm::sha256);
      else if (name == "sha1")
        chosen.push_back(DigestAlgorithm::sha1);
      else if (name == "md5")
        chosen.push_back(DigestAlgorithm::md5);
      else
        throw Error(ErrorCode::usage, trf("'{}' is not a value of the option '{}'", name, "--digest"),
                    trf("It can be one of: {}", "sha256, sha1, md5"));
    }
  return chosen;
}

CompressionSetting compression(const Arguments& arguments) {
  const std::string text = arguments.value_or_default("compression");
  if (const std::optional<CompressionSetting> setting = parse_compression(text)) return *setting;
  throw Error(ErrorCode::usage, trf("'{}' is not a value of the option '{}'", text, "--compression"),
              tr("It is a codec, with its level where it has one: auto, zstd:3, lz4, zlib:6, bzip2, lzma:3 or none."));
}

BackupOptions backup_options(const Arguments& arguments) {
  BackupOptions options;
  options.paths = source_paths(arguments);
  options.excludes = arguments.values("exclude");
  options.exclude_files = arguments.values("exclude-file");
  options.exclude_caches = arguments.has("exclude-caches");
  options.exclude_larger_than = size_value(arguments, "exclude-larger-than");
  options.one_file_system = arguments.has("one-file-system");
  options.with_atime = arguments.has("with-atime");
  for (const std::string& list : arguments.values("tag"))
    for (std::string& tag : split_list(list)) options.tags.push_back(std::move(tag));
  for (const std::string& list : arguments.values("personal-data"))
    for (std::string& category : split_list(list)) options.personal_data.push_back(std::move(category));
  options.host = arguments.value("host").value_or("");
  options.time = time_value(arguments, "time", false);
  options.dry_run = arguments.has("dry-run");
  options.parent = arguments.value("parent").value_or("");
  options.force = arguments.has("force");
  options.digests = digests(arguments);
  options.compression = compression(arguments);
  options.threads = thread_count(arguments);
  if (arguments.has("stdin")) {
    if (!options.paths.empty()) throw Error(ErrorCode::usage, tr("--stdin and paths cannot be given together"));
    options.stdin_filename = arguments.value_or_default("stdin-filename");
    options.stdin_fd = STDIN_FILENO;
  } else if (arguments.given("stdin-filename")) {
    throw Error(ErrorCode::usage, tr("--stdin-filename says nothing without --stdin"),
                tr("Add --stdin to back up standard input under this name."));
  } else if (options.paths.empty()) {
    throw Error(ErrorCode::usage, tr("nothing to back up was named"),
                tr("Give files or folders: igudar backup ~/Documents"));
  }
  return options;
}

Json json_of(const BackupSummary& summary, const std::optional<NewTimeStamp>& stamp, bool dry_run) {
  Json object = {{"message_type", "summary"},
                 {"dry_run", dry_run},
                 {"snapshot_id", summary.snapshot_id},
                 {"parent_id", summary.parent_id},
                 {"files_new", summary.files_new},
                 {"files_changed", summary.files_changed},
                 {"files_unchanged", summary.files_unchanged},
                 {"directories", summary.directories},
                 {"other_entries", summary.other_entries},
                 {"total_bytes", summary.total_bytes},
                 {"read_bytes", summary.read_bytes},
                 {"new_chunks", summary.new_chunks},
                 {"new_bytes", summary.new_bytes},
                 {"stored_bytes", summary.stored_bytes},
                 {"unreadable", summary.unreadable},
                 {"personal_data", json_texts(summary.personal_data)},
                 {"seconds", summary.seconds}};
  if (stamp) object["timestamp"] = json_of(*stamp);
  return object;
}

void print(Console& console, const BackupSummary& summary, const std::optional<NewTimeStamp>& stamp, bool dry_run) {
  const std::uint64_t files = summary.files_new + summary.files_changed + summary.files_unchanged;
  console.info(trf("Files    {}, {}, {}", format_counted("{} new", "{} new", summary.files_new),
                   format_counted("{} changed", "{} changed", summary.files_changed),
                   format_counted("{} unchanged", "{} unchanged", summary.files_unchanged)));
  console.info(trf("Content  {} in {} and {}", format_size(summary.total_bytes),
                   format_counted("{} file", "{} files", files),
                   format_counted("{} folder", "{} folders", summary.directories)));
  console.info(trf(dry_run ? N_("Adds     {} new, about {} stored") : N_("Added    {} new, {} stored"),
                   format_size(summary.new_bytes), format_size(summary.stored_bytes)));
  if (summary.read_bytes == 0 || summary.seconds <= 0)
    console.info(trf("Took     {}", format_duration(summary.seconds)));
  else
    console.info(trf("Read     {} in {} ({})", format_size(summary.read_bytes), format_duration(summary.seconds),
                     format_rate(static_cast<double>(summary.read_bytes) / summary.seconds)));
  if (dry_run)
    console.info(tr("Nothing was stored (--dry-run)"));
  else
    console.info(trf("Saved snapshot {}", short_id(summary.snapshot_id)));
  if (!summary.personal_data.empty())
    console.info(trf("Personal data: {}", escape_name(joined(summary.personal_data))));
  if (stamp) console.info(trf("Stamped  {} by {}", format_local_time(stamp->time), escape_message(stamp->authority)));
}

// The snapshot is complete whatever becomes of its stamp: that there is none is reported, and no failure of the backup.
std::optional<NewTimeStamp> time_stamp(Repository& repository, TimeStampAuthority& authority,
                                       const std::string& snapshot, CommandMonitor& monitor, std::stop_token stop) {
  try {
    return stamp_snapshots(repository, authority, {snapshot}, monitor, std::move(stop)).front();
  } catch (const Error& error) {
    monitor.problem(tr("the time-stamp"), error);
    return std::nullopt;
  }
}

void note(CommandAudit& audit, const BackupSummary& summary) {
  if (!summary.snapshot_id.empty()) audit.made(ObjectKind::snapshot, summary.snapshot_id);
  audit.count("files", summary.files_new + summary.files_changed + summary.files_unchanged);
  audit.count("new_bytes", summary.new_bytes);
  audit.count("unreadable", summary.unreadable);
}

}  // namespace

int run_backup(const CommandContext& context) {
  Console& console = context.console;
  BackupOptions options = backup_options(context.arguments);
  std::optional<TimeStampAuthority> authority = time_stamp_authority(context.arguments);
  Repository& repository = open_repository(context);
  options.audit = context.audit.intent();
  const std::unique_ptr<CommandMonitor> monitor = make_monitor(
      console, {.draw_progress = !context.arguments.has("no-progress"), .json_style = JsonStyle::lines}, context.stop);
  BackupSummary summary;
  try {
    summary = back_up(repository, options, *monitor, context.stop);
  } catch (Error& error) {
    monitor->finish();
    if (error.code() == ErrorCode::interrupted && error.hint().empty() && !options.dry_run)
      error.with_hint(tr("What was stored so far is kept: run the command again, and it goes on from there."));
    throw;
  }
  std::optional<NewTimeStamp> stamp;
  if (authority && !options.dry_run)
    stamp = time_stamp(repository, *authority, summary.snapshot_id, *monitor, context.stop);
  const bool stamp_missing = authority && !options.dry_run && !stamp;
  monitor->finish();
  note(context.audit, summary);
  if (console.json())
    console.json_line(json_of(summary, stamp, options.dry_run).dump(), true);
  else
    print(console, summary, stamp, options.dry_run);
  if (stamp_missing && !console.json())
    console.warning(trf("the snapshot is complete, but has no time-stamp; ask for one later: 'igudar timestamp {}'",
                        short_id(summary.snapshot_id)));
  if (summary.unreadable == 0) return stamp_missing ? exit_status(ErrorCode::incomplete) : 0;
  if (!console.json())
    console.warning(format_counted("{} item could not be read and is not in the snapshot",
                                   "{} items could not be read and are not in the snapshot", summary.unreadable));
  return exit_status(ErrorCode::incomplete);
}

}  // namespace igudar
