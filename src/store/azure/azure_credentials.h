#pragma once

#include <string>

#include "base/clock.h"
#include "base/secret.h"

namespace igudar {

// What opens a storage account: its key or a shared access signature, and where the account is asked.
struct AzureCredentials {
  SecretBytes key;        // decoded; empty with a SAS token
  SecretBytes sas_token;  // the query that proves the right, without "?"; empty with a key
  std::string source;     // where they are from, for people
  std::string endpoint;   // "https://ACCOUNT.blob.core.windows.net"
};

// The credentials for `account`, looked for in the environment as Azure's own tools do:
// AZURE_STORAGE_CONNECTION_STRING, then AZURE_STORAGE_KEY, then AZURE_STORAGE_SAS_TOKEN. AZURE_STORAGE_ACCOUNT, where
// it is set, must name the same account. The endpoint is AZURE_STORAGE_BLOB_ENDPOINT, the connection string's, or
// Azure's public one. Throws permission when there are none, usage for what makes no sense. Reads the environment;
// thread-safe while nobody changes that.
AzureCredentials find_azure_credentials(const std::string& account);

// When a SAS token ends, by its own words; 0 when it does not say. Thread-safe.
TimeNs end_of_sas_token(const SecretBytes& token);

}  // namespace igudar
