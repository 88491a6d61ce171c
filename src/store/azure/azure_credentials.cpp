#include "store/azure/azure_credentials.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/base64.h"
#include "net/url.h"

namespace igudar {

namespace {

constexpr const char* kConnectionString = "AZURE_STORAGE_CONNECTION_STRING";
constexpr const char* kAccount = "AZURE_STORAGE_ACCOUNT";
constexpr const char* kKey = "AZURE_STORAGE_KEY";
constexpr const char* kSasToken = "AZURE_STORAGE_SAS_TOKEN";
constexpr const char* kEndpoint = "AZURE_STORAGE_BLOB_ENDPOINT";
constexpr const char* kPublicSuffix = "core.windows.net";

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// "Name=Value;Name=Value"; values may hold '='. The names in lower case, as their case does not matter.
class ConnectionString {
 public:
  explicit ConnectionString(std::string_view text) {
    while (!text.empty()) {
      const std::string_view setting = text.substr(0, text.find(';'));
      text.remove_prefix(std::min(text.size(), setting.size() + 1));
      const std::size_t equals = setting.find('=');
      if (equals == setting.npos) continue;
      std::string name(setting.substr(0, equals));
      for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      settings_[name] = setting.substr(equals + 1);
    }
  }
  std::string_view operator[](const char* name) const {
    const auto found = settings_.find(name);
    return found == settings_.end() ? std::string_view() : found->second;
  }

 private:
  std::map<std::string, std::string_view> settings_;
};

SecretBytes decoded_key(std::string_view text, const char* source) {
  std::optional<SecretBytes> key = from_base64(text);
  if (!key)
    throw Error(ErrorCode::usage, trf("what is in {} is no key of a storage account", source),
                tr("Copy the key as the portal shows it under “Access keys”: it is base64 and ends with “=”."));
  return std::move(*key);
}

SecretBytes sas_of(std::string_view text) {
  if (text.starts_with('?')) text.remove_prefix(1);
  return SecretBytes(view_of(text));
}

void require_account(std::string_view named, const std::string& account, const char* source) {
  if (named.empty() || named == account) return;
  throw Error(ErrorCode::usage,
              trf("{} is for the storage account “{}”, but the repository's URL names “{}”", source, named, account),
              tr("Correct one of them: a key opens the account that it was made for, and no other."));
}

// Its origin and the path that it may have, without a slash at the end, and without what may be a secret.
std::string endpoint_from(const std::string& url) {
  const std::string shown = public_url(url);
  std::string endpoint = origin_of(url) + shown.substr(shown.find('/', shown.find("//") + 2));
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint;
}

// The host's name is made of it.
std::string public_endpoint(std::string_view protocol, const std::string& account, std::string_view suffix) {
  const bool plain = std::all_of(account.begin(), account.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (!plain)
    throw Error(ErrorCode::usage, trf("“{}” is no name of a storage account", account),
                tr("It has small letters and digits only: azure://account/container/prefix"));
  return endpoint_from(std::string(protocol.empty() ? "https" : protocol) + "://" + account + ".blob." +
                       std::string(suffix.empty() ? kPublicSuffix : suffix));
}

}  // namespace

AzureCredentials find_azure_credentials(const std::string& account) {
  AzureCredentials found;
  const std::string_view connection = variable(kConnectionString);
  const ConnectionString settings(connection);
  if (!connection.empty()) {
    found.source = kConnectionString;
    require_account(settings["accountname"], account, kConnectionString);
    if (!settings["accountkey"].empty())
      found.key = decoded_key(settings["accountkey"], kConnectionString);
    else
      found.sas_token = sas_of(settings["sharedaccesssignature"]);
  } else {
    require_account(variable(kAccount), account, kAccount);
    found.source = variable(kKey).empty() ? kSasToken : kKey;
    if (variable(kKey).empty())
      found.sas_token = sas_of(variable(kSasToken));
    else
      found.key = decoded_key(variable(kKey), kKey);
  }
  if (found.key.empty() && found.sas_token.empty())
    throw Error(ErrorCode::permission, trf("no key for the storage account “{}” was found", account),
                trf("Set {}, {} or {}.", kConnectionString, kKey, kSasToken));

  if (!variable(kEndpoint).empty())
    found.endpoint = endpoint_from(std::string(variable(kEndpoint)));
  else if (!settings["blobendpoint"].empty())
    found.endpoint = endpoint_from(std::string(settings["blobendpoint"]));
  else
    found.endpoint = public_endpoint(settings["defaultendpointsprotocol"], account, settings["endpointsuffix"]);
  return found;
}

TimeNs end_of_sas_token(const SecretBytes& token) {
  std::string_view rest = text_of(token.view());
  while (!rest.empty()) {
    const std::string_view parameter = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), parameter.size() + 1));
    if (!parameter.starts_with("se=")) continue;
    constexpr std::size_t kName = 3;
    return parse_time(leniently_percent_decoded(parameter.substr(kName)), true).value_or(0);
  }
  return 0;
}

}  // namespace igudar
