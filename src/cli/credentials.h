#pragma once

#include <memory>
#include <stop_token>

#include "cli/arguments.h"
#include "cli/console.h"
#include "keys/credential.h"
#include "keys/recipient.h"

namespace igudar {

// What the command line and the environment open the repository with: an identity file or private key (--identity), a
// token's key (--pkcs11), a recovery key (--recovery-file), else a password (cli/password.h). What the command line
// names goes before the environment. Asks for passphrases and PINs. Throws usage when several are named, and what
// making the credential throws.
std::unique_ptr<Credential> repository_credential(const Arguments& arguments, Console& console, std::stop_token stop);

// A recovery key or its shares: from the files that --recovery-file names, else asked for on the terminal, line by
// line. Throws usage when there is no way to ask, and what making the credential throws.
std::unique_ptr<Credential> recovery_credential(const Arguments& arguments, Console& console, std::stop_token stop);

// For whom `key add` makes a slot: --recipient, else a new password.
std::unique_ptr<Recipient> new_recipient(const Arguments& arguments, Console& console, std::stop_token stop);

}  // namespace igudar
