#include "cli/repository_access.h"

#include <utility>

#include "base/error.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/credentials.h"
#include "cli/failed_opening.h"
#include "cli/option_table.h"
#include "cli/option_values.h"
#include "cli/store_access.h"
#include "cli/text_format.h"
#include "crypto/fips.h"
#include "ops/snapshot_selection.h"

namespace igudar {

namespace {

Repository& open_and_announce(const CommandContext& context, MakeCredential credential,
                              const std::optional<std::string>& domain, std::unique_ptr<Credential>* kept) {
  FoundRepository found = find_repository(open_storage(context, repository_location(context.arguments)), context.stop);
  try {
    std::unique_ptr<Credential> opened_with = credential(context.arguments, context.console, context.stop);
    Repository repository =
        open_repository(std::move(found), *opened_with, local_folders(context.arguments), context.stop, domain);
    for (const std::string& remark : repository.remarks()) context.console.warning(remark);
    if (kept != nullptr) *kept = std::move(opened_with);
    return context.audit.begin(std::move(repository));
  } catch (const Error& error) {
    if (is_failed_opening(error)) record_failed_opening(context, error);
    throw;
  }
}

}  // namespace

UserFolders local_folders(const Arguments& arguments) {
  UserFolders folders = UserFolders::from_environment();
  if (std::optional<std::string> cache = arguments.value("cache-dir")) folders.cache = *cache;
  return folders;
}

Repository& open_repository(const CommandContext& context, MakeCredential credential,
                            std::unique_ptr<Credential>* kept) {
  return open_and_announce(context, credential, context.arguments.value("domain"), kept);
}

Repository& open_repository(const CommandContext& context) {
  return open_repository(context, repository_credential);
}

Repository& open_domain_repository(const CommandContext& context, const std::optional<std::string>& domain) {
  return open_and_announce(context, repository_credential, domain ? domain : context.arguments.value("domain"),
                           nullptr);
}

PasswordKdfParams kdf_params(const Arguments& arguments) {
  if (in_fips_mode() && !arguments.given("kdf")) return default_kdf_params(PasswordKdf::pbkdf2_sha256);
  const std::optional<PasswordKdf> kdf = find_password_kdf(arguments.value_or_default("kdf"));
  return default_kdf_params(kdf.value_or(PasswordKdf::argon2id));
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
