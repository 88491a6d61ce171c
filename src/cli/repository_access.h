#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/commands/command.h"
#include "keys/credential.h"
#include "ops/snapshot_filter.h"
#include "repo/repository.h"

namespace igudar {

// The usual folders, or the one that --cache-dir names.
UserFolders local_folders(const Arguments& arguments);
// Asks for the password where it must, says what opening found wrong, and announces the command in the audit log: from
// then on the repository is the audit's, and lives as long. Failed openings are recorded. Throws as open_repository
// does.
Repository& open_repository(const CommandContext& context);
// With what `credential` answers, in the place of repository_credential; `kept` takes it, for other copies.
using MakeCredential = std::unique_ptr<Credential> (*)(const Arguments&, Console&, std::stop_token);
Repository& open_repository(const CommandContext& context, MakeCredential credential,
                            std::unique_ptr<Credential>* kept = nullptr);
// For this domain; without a name the one that --domain says.
Repository& open_domain_repository(const CommandContext& context, const std::optional<std::string>& domain);

// What --kdf names, with the costs that suit it.
PasswordKdfParams kdf_params(const Arguments& arguments);
// What --host, --tag, --path and --at select.
SnapshotFilter snapshot_filter(const Arguments& arguments);

}  // namespace igudar
