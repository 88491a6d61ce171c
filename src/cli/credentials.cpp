#include "cli/credentials.h"

#include <cstdlib>
#include <ctime>

#include "base/clock.h"
#include "base/error.h"
#include "base/translate.h"
#include "cli/password.h"
#include "cli/repository_access.h"
#include "cli/service_secrets.h"
#include "crypto/fernet.h"
#include "keys/fernet_key.h"
#include "keys/identity_key.h"
#include "keys/key_file.h"
#include "keys/password_key.h"
#include "keys/recovery_key.h"
#include "keys/rsa_key.h"
#include "keys/token_key.h"

namespace igudar {

namespace {

enum class Means : std::uint8_t { password, identity, token, recovery };

// Whether the environment says where a password is.
bool names_password(const Arguments& arguments) {
  const char* variable = std::getenv("IGUDAR_PASSWORD");
  if (variable != nullptr && *variable != '\0') return true;
  return arguments.value("password-file") || arguments.value("password-command") || arguments.value("password-keyring");
}

constexpr int kMostWrongLines = 5;
constexpr const char* kIdentityCredential = "igudar.identity";

Means chosen_means(const Arguments& arguments) {
  const bool password =
      arguments.given("password-file") || arguments.given("password-command") || arguments.given("password-keyring");
  const bool identity = arguments.given("identity");
  const bool token = arguments.given("pkcs11");
  const bool recovery = arguments.given("recovery-file");
  if (password + identity + token + recovery > 1)
    throw Error(ErrorCode::usage,
                tr("a password, an identity, a token's key and a recovery key cannot be given together"),
                tr("Each opens the repository by itself."));
  if (password) return Means::password;
  if (recovery) return Means::recovery;
  if (identity || (!token && arguments.value("identity"))) return Means::identity;
  if (arguments.value("pkcs11")) return Means::token;
  return !names_password(arguments) && systemd_credential(kIdentityCredential) ? Means::identity : Means::password;
}

std::unique_ptr<Credential> identity_credential(const Arguments& arguments, Console& console,
                                                const std::stop_token& stop) {
  const std::optional<std::string> named = arguments.value("identity");
  const std::string path = named ? *named : systemd_credential(kIdentityCredential).value_or("");
  const SecretBytes text = named ? read_secret_file(path) : read_service_file(path);
  const auto passphrase = [&] { return key_passphrase(path, arguments, console, stop); };
  if (looks_like_pem(text.view())) return std::make_unique<RsaCredential>(RsaPrivateKey(text.view(), path, passphrase));
  if (std::optional<SecretBytes> key = parse_fernet_key(text.view()))
    return std::make_unique<FernetCredential>(std::move(*key));
  return std::make_unique<IdentityCredential>(text.view(), path, passphrase);
}

std::shared_ptr<TokenKey> token_key(const std::string& uri, const Arguments& arguments, Console& console,
                                    const std::stop_token& stop) {
  return std::make_shared<TokenKey>(
      TokenKeyPlace{uri, arguments.value("pkcs11-module").value_or("")},
      [&](const std::string& token) { return token_pin(token, arguments, console, stop); });
}

// A file holds a public key or a certificate in PEM, a Fernet key, or the line of a recipient.
std::unique_ptr<Recipient> recipient_of_file(const std::string& path) {
  Bytes text = read_public_file(path);
  if (looks_like_pem(text)) {
    return std::make_unique<RsaRecipient>(
        read_rsa_public_key(text, path, static_cast<std::time_t>(wall_clock_ns() / kNsPerSecond)));
  }
  if (parse_fernet_key(text)) {  // which is as secret as what it opens
    wipe(text);
    return std::make_unique<FernetRecipient>(std::move(*parse_fernet_key(read_secret_file(path).view())));
  }
  const std::optional<BoxPublicKey> public_key = find_recipient(text);
  wipe(text);  // it may be the identity file itself
  if (public_key) return std::make_unique<IdentityRecipient>(*public_key);
  throw Error(
      ErrorCode::usage, trf("there is no recipient in {}", path),
      tr("It must hold a line 'igudar-recipient-1-…', a public RSA key or certificate in PEM, or a Fernet key."));
}

// A page as it is typed in. A line that is wrong is asked for again.
RecoveryPage ask_page(std::size_t number, const std::stop_token& stop) {
  RecoveryPageReader reader;
  std::string complaint;
  for (int wrong = 0; !reader.complete();) {
    const SecretBytes line = recovery_line(number, reader.next_line(), complaint, stop);
    complaint.clear();
    try {
      reader.add_line(text_of(line.view()));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::usage || ++wrong == kMostWrongLines) throw;
      complaint = error.what();
    }
  }
  return reader.take();
}

std::vector<RecoveryPage> ask_pages(const std::stop_token& stop) {
  std::vector<RecoveryPage> pages;
  do pages.push_back(ask_page(pages.size() + 1, stop));
  while (pages.size() < pages.front().threshold);
  return pages;
}

}  // namespace

std::unique_ptr<Credential> recovery_credential(const Arguments& arguments, Console& /*console*/,
                                                std::stop_token stop) {
  forget_environment_password();
  std::vector<RecoveryPage> pages;
  for (const std::string& path : arguments.values("recovery-file"))
    pages.push_back(parse_recovery_text(read_secret_file(path).view(), path));
  if (pages.empty()) pages = ask_pages(stop);
  return std::make_unique<RecoveryCredential>(pages);
}

std::unique_ptr<Credential> repository_credential(const Arguments& arguments, Console& console, std::stop_token stop) {
  const Means means = chosen_means(arguments);
  if (means == Means::password)
    return std::make_unique<PasswordCredential>(repository_password(arguments, console, stop));
  forget_environment_password();
  if (means == Means::recovery) return recovery_credential(arguments, console, stop);
  if (means == Means::identity) return identity_credential(arguments, console, stop);
  return std::make_unique<TokenCredential>(token_key(arguments.value("pkcs11").value_or(""), arguments, console, stop));
}

const char* credential_means(const Arguments& arguments) {
  switch (chosen_means(arguments)) {
    case Means::identity:
      return "identity";
    case Means::token:
      return "token";
    case Means::recovery:
      return "recovery";
    case Means::password:
      break;
  }
  return "password";
}

std::unique_ptr<Recipient> new_recipient(const Arguments& arguments, Console& console, std::stop_token stop) {
  const std::optional<std::string> named = arguments.value("recipient");
  if (!named) {
    SecretBytes password = new_password(arguments.value("new-password-file").value_or(""), console, stop);
    return std::make_unique<PasswordRecipient>(std::move(password), kdf_params(arguments));
  }
  for (const char* option : {"new-password-file", "kdf"})
    if (arguments.given(option))
      throw Error(ErrorCode::usage, trf("--{} is about passwords, and --recipient names no password", option));
  if (looks_like_recipient(*named)) return std::make_unique<IdentityRecipient>(decode_recipient(*named));
  if (named->starts_with("pkcs11:"))
    return std::make_unique<TokenRecipient>(token_key(*named, arguments, console, stop));
  return recipient_of_file(*named);
}

}  // namespace igudar
