#include "cli/repository_access.h"

#include <utility>

#include "base/error.h"
#include "base/translate.h"
#include "cli/credentials.h"
#include "cli/option_table.h"
#include "cli/option_values.h"
#include "cli/text_format.h"
#include "ops/snapshot_selection.h"
#include "store/store_registry.h"

namespace igudar {

namespace {
// OWASP's and the floor for PBKDF2-HMAC-SHA-256.
constexpr std::uint32_t kPbkdf2Rounds = 600'000;
// OWASP's first choice for scrypt: N = 2^17, r = 8, p = 1, so 128 MiB.
constexpr std::uint32_t kScryptN = 1U << 17;
}  // namespace

std::string repository_location(const Arguments& arguments) {
  if (std::optional<std::string> location = arguments.value("repo")) return *location;
  throw Error(ErrorCode::usage, tr("no repository was named"),
              tr("Use --repo, or set IGUDAR_REPOSITORY: igudar --repo /srv/backup …"));
}

UserFolders local_folders(const Arguments& arguments) {
  UserFolders folders = UserFolders::from_environment();
  if (std::optional<std::string> cache = arguments.value("cache-dir")) folders.cache = *cache;
  return folders;
}

Repository open_repository(const CommandContext& context) {
  std::unique_ptr<ObjectStore> store = open_store(repository_location(context.arguments));
  require_repository(*store, context.stop);
  const std::unique_ptr<Credential> credential =
      repository_credential(context.arguments, context.console, context.stop);
  Repository repository =
      open_repository(std::move(store), *credential, local_folders(context.arguments), context.stop);
  for (const std::string& remark : repository.remarks()) context.console.warning(remark);
  return repository;
}

PasswordKdfParams kdf_params(const Arguments& arguments) {
  const std::string kdf = arguments.value_or_default("kdf");
  if (kdf == "pbkdf2") return {.kdf = PasswordKdf::pbkdf2_sha256, .passes = kPbkdf2Rounds, .memory_kib = 0};
  if (kdf == "scrypt") return {.kdf = PasswordKdf::scrypt, .passes = 1, .memory_kib = kScryptN};
  return {};
}

SnapshotFilter snapshot_filter(const Arguments& arguments) {
  SnapshotFilter filter;
  filter.hosts = arguments.values("host");
  for (const std::string& list : arguments.values("tag")) filter.tags.push_back(split_list(list));
  for (const std::string& path : arguments.values("path")) filter.paths.push_back(recorded_path(path));
  if (find_option(arguments.command(), "at") != nullptr) filter.not_after = time_value(arguments, "at", true);
  return filter;
}

}  // namespace igudar
