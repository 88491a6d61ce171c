#pragma once

#include <stop_token>
#include <string>

#include "base/secret.h"
#include "cli/arguments.h"
#include "cli/console.h"

namespace igudar {

// The password that opens the repository: from --password-file, --password-command, their environment variables or
// IGUDAR_PASSWORD, else asked for on the terminal (/dev/tty, without echo). Afterwards the environment holds none of
// them. Throws usage when there is no way to ask, interrupted when the user ends the prompt.
SecretBytes repository_password(const Arguments& arguments, Console& console, std::stop_token stop);

// A password that is being set: from the same places for `init`, or from `file` when that is not empty; asked for
// twice on the terminal. Throws usage when it is empty or the two differ.
SecretBytes new_repository_password(const Arguments& arguments, Console& console, std::stop_token stop);
SecretBytes new_password(const std::string& file, Console& console, std::stop_token stop);

// Whoever opens the repository by other means leaves no password in the environment either.
void forget_environment_password();

// The passphrase of the key in the file `path`: from --passphrase-file, else asked for.
SecretBytes key_passphrase(const std::string& path, const Arguments& arguments, Console& console, std::stop_token stop);
// One that is being set: from --passphrase-file, else asked for twice. Throws usage when it is empty or the two differ.
SecretBytes new_passphrase(const Arguments& arguments, Console& console, std::stop_token stop);

// The PIN of a token: from --pin-file or --pin-command, else asked for.
SecretBytes token_pin(const std::string& token, const Arguments& arguments, Console& console, std::stop_token stop);

// A line of the page of that number of a recovery key, asked for. `complaint` says what was wrong with it before; may
// be empty.
SecretBytes recovery_line(std::size_t page, std::size_t line, const std::string& complaint, std::stop_token stop);

}  // namespace igudar
