#include "cli/commands/key_recovery.h"

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/credentials.h"
#include "cli/json_fields.h"
#include "cli/option_values.h"
#include "cli/recovery_sheet.h"
#include "cli/repository_access.h"
#include "cli/terminal_text.h"
#include "cli/text_format.h"
#include "keys/key_file.h"
#include "keys/recovery_key.h"
#include "repo/key_slots.h"
#include "repo/local_identity.h"
#include "repo/recovery_tests.h"

namespace igudar {

namespace {

using Render = SecretBytes (*)(const RecoverySheet&);

struct Output {
  std::filesystem::path path;  // "-": standard output
  Render render = sheet_as_text;

  bool is_stdout() const { return path == "-"; }
};

Output output_of(const CommandContext& context) {
  const std::optional<std::string> path = context.arguments.value("output");
  if (!path)
    throw Error(ErrorCode::usage, tr("the file to write is missing"),
                tr("Name it with --output, ending in .txt, .pdf or .png; '-' shows the key on the terminal."));
  if (*path == "-") {
    if (context.console.json())
      throw Error(ErrorCode::usage, tr("with --json the recovery key must go to a file"), tr("Name it with --output."));
    return {*path};
  }
  const std::string ending = std::filesystem::path(*path).extension();
  if (ending == ".txt") return {*path, sheet_as_text};
  if (ending == ".pdf") return {*path, sheet_as_pdf};
  if (ending == ".png") return {*path, sheet_as_png};
  throw Error(ErrorCode::usage, trf("the name {} does not tell what to write", *path),
              tr("It must end in .txt, .pdf or .png."));
}

unsigned number_option(const Arguments& arguments, const char* name) {
  const std::string text = arguments.value(name).value_or("");
  if (const std::optional<std::uint64_t> number = parse_number(text, 255)) return static_cast<unsigned>(*number);
  throw Error(ErrorCode::usage, trf("'{}' is not a value of the option '{}'", text, std::string("--") + name),
              trf("Write a number of up to {}.", 255));
}

RecoveryShares shares_of(const Arguments& arguments) {
  const bool shares = arguments.given("shares");
  if (shares != arguments.given("threshold"))
    throw Error(ErrorCode::usage, tr("--shares and --threshold belong together"),
                tr("--shares 5 --threshold 3 makes five pages, any three of which open."));
  if (!shares) return {};
  const RecoveryShares wanted{number_option(arguments, "threshold"), number_option(arguments, "shares")};
  if (wanted.threshold < 2)
    throw Error(ErrorCode::usage, tr("fewer than 2 shares cannot be asked for"),
                tr("Without --shares there is one page, which opens by itself."));
  return wanted;
}

// The file of each page: FILE.pdf, or FILE-1.pdf, FILE-2.pdf, … for shares.
std::filesystem::path path_of(const Output& output, const RecoveryPage& page) {
  if (page.shares == 1) return output.path;
  std::filesystem::path path = output.path;
  path.replace_extension();
  path += "-" + std::to_string(page.number);
  path += output.path.extension();
  return path;
}

// New files that go away again unless what they are for comes about.
class NewFiles {
 public:
  NewFiles() = default;
  ~NewFiles() {
    for (const std::filesystem::path& path : paths_) ::unlink(path.c_str());
  }
  NewFiles(const NewFiles&) = delete;
  NewFiles& operator=(const NewFiles&) = delete;

  void add(const std::filesystem::path& path, const SecretBytes& content) {
    write_secret_file(path, content.view());
    paths_.push_back(path);
  }
  std::vector<std::filesystem::path> keep() { return std::exchange(paths_, {}); }

 private:
  std::vector<std::filesystem::path> paths_;
};

void report_created(const CommandContext& context, const std::string& slot, const RecoveryPage& page,
                    const std::vector<std::filesystem::path>& files) {
  if (context.console.json()) {
    Json list = Json::array();
    for (const std::filesystem::path& file : files) list.push_back(json_text(file.string()));
    return context.console.json_line(Json{{"message_type", "recovery_key"},
                                          {"id", slot},
                                          {"fingerprint", to_hex(page.key.view())},
                                          {"threshold", page.threshold},
                                          {"shares", page.shares},
                                          {"files", list}}
                                         .dump(),
                                     true);
  }
  for (const std::filesystem::path& file : files)
    context.console.info(trf("Wrote {}", context.console.shown_name(file.string())));
  context.console.info(trf("Added the recovery key {}: its key slot is {}", to_hex(page.key.view()), short_id(slot)));
  context.console.info(tr("Print it, keep it in a safe place, and try it: igudar key recovery test"));
}

void create(const CommandContext& context, Capability capability) {
  const Output output = output_of(context);
  const RecoveryShares shares = shares_of(context.arguments);
  const Repository& repository = open_repository(context);
  require_may_add(repository);
  const SecretBytes key = new_recovery_key();
  const std::vector<RecoveryPage> pages = recovery_pages(key, repository.config().repository, shares);
  const std::string made = format_local_time(wall_clock_ns()) + " " + escape_name(user_at_host());
  const std::string id = to_hex(repository.config().repository.view());

  // The files come first: a slot that nothing opens would be of no use.
  NewFiles files;
  std::vector<SecretBytes> texts;
  for (const RecoveryPage& page : pages) {
    SecretBytes content = output.render(recovery_sheet(page, id, escape_name(repository.root().location()), made));
    if (output.is_stdout())
      texts.push_back(std::move(content));
    else
      files.add(path_of(output, page), content);
  }
  const std::string slot = add_slot(repository, RecoveryRecipient(key.clone(), shares), capability, context.stop);
  context.audit.made(ObjectKind::key, slot);
  for (const SecretBytes& text : texts) context.console.result(text_of(text.view()));
  report_created(context, slot, pages.front(), files.keep());
}

void test(const CommandContext& context) {
  const Repository& repository = open_repository(context, recovery_credential);
  const std::string slot = to_hex(repository.keys().slot().view());
  if (!remember_recovery_test(repository, slot, wall_clock_ns()))
    context.console.warning(tr("this machine cannot remember when the recovery key was tested"));
  const std::string capability = capability_name(repository.keys().capability());
  if (context.console.json())
    return context.console.json_line(
        Json{{"message_type", "recovery_test"}, {"id", slot}, {"capability", capability}}.dump(), true);
  context.console.result(
      trf("The recovery key opens the repository in {}, with the key slot {} and the capability '{}'",
          escape_name(repository.root().location()), short_id(slot), capability));
}

}  // namespace

void run_key_recovery(const CommandContext& context, Capability capability) {
  const std::string& what = context.arguments.positional()[1];
  if (what == "create") return create(context, capability);
  if (what == "test") return test(context);
  throw Error(ErrorCode::usage, trf("'{}' is nothing that can be done with recovery keys", what),
              trf("It can be one of: {}", "create, test"));
}

}  // namespace igudar
