#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/repository_access.h"
#include "cli/terminal_text.h"
#include "cli/text_format.h"
#include "crypto/hash.h"
#include "ops/list/list.h"
#include "ops/snapshot_ledger.h"

namespace igudar {

namespace {

char type_letter(EntryType type) {
  switch (type) {
    case EntryType::file:
      return '-';
    case EntryType::directory:
      return 'd';
    case EntryType::symlink:
      return 'l';
    case EntryType::fifo:
      return 'p';
    case EntryType::socket:
      return 's';
    case EntryType::char_device:
      return 'c';
    case EntryType::block_device:
      return 'b';
  }
  return '?';
}

const char* type_name(EntryType type) {
  switch (type) {
    case EntryType::file:
      return "file";
    case EntryType::directory:
      return "directory";
    case EntryType::symlink:
      return "symlink";
    case EntryType::fifo:
      return "fifo";
    case EntryType::socket:
      return "socket";
    case EntryType::char_device:
      return "char_device";
    case EntryType::block_device:
      return "block_device";
  }
  return "unknown";
}

// "drwxr-sr-x", as ls writes it.
std::string mode_text(const Metadata& meta) {
  std::string text(1, type_letter(meta.type));
  for (unsigned shift : {6U, 3U, 0U}) {
    const unsigned bits = meta.mode >> shift & 7U;
    text += (bits & 4U) != 0 ? 'r' : '-';
    text += (bits & 2U) != 0 ? 'w' : '-';
    text += (bits & 1U) != 0 ? 'x' : '-';
  }
  const auto mark = [&](std::uint32_t bit, std::size_t place, char with_x, char without_x) {
    if ((meta.mode & bit) != 0) text[place] = text[place] == 'x' ? with_x : without_x;
  };
  mark(04000, 3, 's', 'S');
  mark(02000, 6, 's', 'S');
  mark(01000, 9, 't', 'T');
  return text;
}

std::string size_text(const Metadata& meta) {
  if (meta.type == EntryType::file) return format_size(meta.size);
  if (meta.type == EntryType::char_device || meta.type == EntryType::block_device)
    return fmt::format("{}, {}", meta.rdev_major, meta.rdev_minor);
  return "";
}

std::string aligned(const std::string& text, std::size_t width, bool right = false) {
  const std::size_t used = display_width(text);
  const std::string blanks(used < width ? width - used : 0, ' ');
  return right ? blanks + text : text + blanks;
}

std::string owner_text(const std::string& name, std::uint32_t id) {
  return aligned(name.empty() ? std::to_string(id) : escape_name(name), 8);
}

std::string long_line(const Console& console, const Entry& entry) {
  const Metadata& meta = entry.meta;
  std::string line = fmt::format("{}  {} {} {}  {}  {}", mode_text(meta), owner_text(meta.user, meta.uid),
                                 owner_text(meta.group, meta.gid), aligned(size_text(meta), 10, true),
                                 format_local_time(meta.mtime), console.shown_name("/" + entry.path));
  if (meta.type == EntryType::symlink) line += " -> " + console.shown_name(meta.link_target);
  return line;
}

Json json_of(const Entry& entry) {
  const Metadata& meta = entry.meta;
  Json object = {{"message_type", "entry"}, {"type", type_name(meta.type)}};
  put_name(object, "path", "/" + entry.path);
  object["mode"] = meta.mode;
  object["uid"] = meta.uid;
  object["gid"] = meta.gid;
  object["user"] = json_text(meta.user);
  object["group"] = json_text(meta.group);
  object["mtime"] = json_time(meta.mtime);
  object["ctime"] = json_time(meta.ctime);
  if (meta.atime) object["atime"] = json_time(*meta.atime);
  object["inode"] = meta.inode;
  object["links"] = meta.links;
  if (meta.type == EntryType::file) object["bytes"] = meta.size;
  if (meta.type == EntryType::symlink) put_name(object, "target", meta.link_target);
  if (meta.type == EntryType::char_device || meta.type == EntryType::block_device) {
    object["major"] = meta.rdev_major;
    object["minor"] = meta.rdev_minor;
  }
  if (!meta.xattrs.empty()) {
    Json names = Json::array();
    for (const Xattr& xattr : meta.xattrs) names.push_back(json_text(xattr.name));
    object["xattrs"] = names;
  }
  for (const FileDigest& digest : entry.digests)
    object["digests"][std::string(digest_name(digest.algorithm))] = to_hex(digest.value);
  return object;
}

ListOptions list_options(const Arguments& arguments) {
  ListOptions options;
  options.snapshot = arguments.positional()[0];
  options.filter = snapshot_filter(arguments);
  const bool names_path = options.snapshot.find(':') != std::string::npos;
  if (arguments.positional().size() > 1) {
    if (names_path)
      throw Error(ErrorCode::usage, tr("a path was given twice"), tr("Write SNAPSHOT PATH, or SNAPSHOT:PATH."));
    options.path = arguments.positional()[1];
  }
  options.recursive = (options.path.empty() && !names_path) || arguments.has("recursive");
  return options;
}

}  // namespace

int run_ls(const CommandContext& context) {
  Console& console = context.console;
  const ListOptions options = list_options(context.arguments);
  const bool in_long = context.arguments.has("long");
  Repository& repository = open_repository(context);
  const auto print = [&](const Entry& entry) {
    if (console.json())
      console.json_line(json_of(entry).dump(), false);
    else
      console.result(in_long ? long_line(console, entry) : console.shown_name("/" + entry.path));
    return !console.closed();
  };
  const ListedSnapshot listed = list_entries(repository, options, print, context.stop);
  const std::string& id = listed.snapshot.id;
  context.audit.read(ObjectKind::snapshot, id);
  for (const DamagedObject& damaged : listed.damaged)
    console.warning(trf("{} cannot be read: {}", damaged.name.to_string(), escape_message(damaged.error.what())));
  if (console.json())
    console.json_line(Json{{"message_type", "summary"}, {"snapshot_id", id}, {"erased_left_out", listed.erased}}.dump(),
                      true);
  else if (listed.erased > 0)
    console.warning(left_out_text(listed.erased));  // apart from the names
  return 0;
}

}  // namespace igudar
