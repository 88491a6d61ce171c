#include "cli/store_access.h"

#include "base/error.h"
#include "base/translate.h"
#include "store/store_registry.h"

namespace igudar {

namespace {

bool is_this_machine(std::string_view host) {
  return host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
}

bool is_sent_in_clear(const std::string& location) {
  const StoreAddress address = parse_address(location);
  return address.scheme.ends_with("http") && address.rest.starts_with("//") &&
         !is_this_machine(std::string_view(address.rest).substr(2));
}

}  // namespace

std::string repository_location(const Arguments& arguments) {
  if (std::optional<std::string> location = arguments.value("repo")) return *location;
  throw Error(ErrorCode::usage, tr("no repository was named"),
              tr("Use --repo, or set IGUDAR_REPOSITORY: igudar --repo /srv/backup …"));
}

std::unique_ptr<ObjectStore> open_storage(const CommandContext& context, const std::string& location) {
  const StoreOptions options{.ca_file = context.arguments.value("ca-file").value_or(""),
                             .verify_certificates = !context.arguments.has("insecure-tls")};
  if (!options.verify_certificates)
    context.console.warning(
        tr("the certificates of servers are not verified: whoever is on the way can change and remove what is stored"));
  if (is_sent_in_clear(location))
    context.console.warning(tr(
        "the connection is not encrypted: whoever is on the way can remove what is stored, and see how much there is"));
  return open_store(location, options);
}

}  // namespace igudar
