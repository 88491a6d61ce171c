#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/password.h"
#include "cli/repository_access.h"
#include "cli/store_access.h"
#include "cli/text_format.h"
#include "crypto/fips.h"

namespace igudar {

int run_init(const CommandContext& context) {
  std::unique_ptr<ObjectStore> store = open_storage(context, repository_location(context.arguments));
  InitOptions options;
  options.fips = in_fips_mode();
  options.kdf = kdf_params(context.arguments);
  options.suite = find_cipher_suite(context.arguments.value_or_default("cipher")).value();
  check_options(options);
  const SecretBytes password = new_repository_password(context.arguments, context.console, context.stop);
  const Repository& repository = context.audit.begin(
      init_repository(std::move(store), password, options, local_folders(context.arguments), context.stop));

  const std::string id = to_hex(repository.config().repository.view());
  const std::string location = repository.store().location();
  if (context.console.json()) {
    Json object = {{"message_type", "initialized"},
                   {"id", id},
                   {"cipher", cipher_suite_name(options.suite)},
                   {"fips", options.fips}};
    put_name(object, "repository", location);
    context.console.json_line(object.dump(), true);
    return 0;
  }
  context.console.info(trf("Made the repository {} in {}", short_id(id), context.console.shown_name(location)));
  if (const FipsStatus fips = fips_status(); fips.in_force) {
    context.console.info(fips.provider.empty()
                             ? tr("It keeps to FIPS 140: everything in it is made with approved algorithms only.")
                             : trf("It keeps to FIPS 140; the {} does the work.", fips.provider));
    if (!fips.remark.empty()) context.console.warning(fips.remark);
  }
  context.console.info("");
  context.console.info(
      tr("Whoever has the password can read everything in it; without it, nothing can be restored.\n"
         "Keep it somewhere else than on this machine."));
  return 0;
}

}  // namespace igudar
