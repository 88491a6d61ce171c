#include "store/s3/s3_credentials.h"

#include <INIReader.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string profile_name() {
  const std::string named = variable("AWS_PROFILE");
  return named.empty() ? "default" : named;
}

std::string file_in_home(const char* variable_name, const char* usual) {
  const std::string named = variable(variable_name);
  if (!named.empty()) return named;
  const std::string home = variable("HOME");
  return home.empty() ? "" : home + "/.aws/" + usual;
}

std::shared_ptr<const S3Credentials> of_environment() {
  const std::string access_key = variable("AWS_ACCESS_KEY_ID");
  if (access_key.empty()) return nullptr;
  const char* secret = std::getenv("AWS_SECRET_ACCESS_KEY");
  if (secret == nullptr || *secret == '\0')
    throw Error(ErrorCode::usage, tr("AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not"));
  const char* token = std::getenv("AWS_SESSION_TOKEN");
  return std::make_shared<const S3Credentials>(S3Credentials{access_key, SecretBytes(view_of(secret)),
                                                             SecretBytes(view_of(token == nullptr ? "" : token)),
                                                             "AWS_ACCESS_KEY_ID"});
}

std::shared_ptr<const S3Credentials> of_file(const std::string& file) {
  struct stat status {};
  if (file.empty() || ::stat(file.c_str(), &status) != 0) return nullptr;
  constexpr unsigned kOthers = 077;
  if ((status.st_mode & kOthers) != 0)
    throw Error(ErrorCode::permission, trf("others than you may read {}, which holds keys", file),
                trf("Run: chmod 600 {}", file));
  const INIReader ini(file);
  if (ini.ParseError() != 0) throw Error(ErrorCode::usage, trf("{} is not a file of profiles as AWS has them", file));
  const std::string profile = profile_name();
  const std::string access_key = ini.Get(profile, "aws_access_key_id", "");
  if (access_key.empty()) return nullptr;
  return std::make_shared<const S3Credentials>(
      S3Credentials{access_key, SecretBytes(view_of(ini.Get(profile, "aws_secret_access_key", ""))),
                    SecretBytes(view_of(ini.Get(profile, "aws_session_token", ""))), file});
}

}  // namespace

std::shared_ptr<const S3Credentials> S3CredentialChain::get() {
  return found_.with([](std::shared_ptr<const S3Credentials>& found) {
    if (!found) found = of_environment();
    const std::string file = file_in_home("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    if (!found) found = of_file(file);
    if (!found)
      throw Error(ErrorCode::permission, tr("no access key for S3 was found"),
                  trf("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write the profile “{}” to {}.",
                      profile_name(), file));
    return found;
  });
}

void S3CredentialChain::forget() {
  found_.with([](std::shared_ptr<const S3Credentials>& found) { found.reset(); });
}

std::string configured_s3_region() {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (std::string region = variable(name); !region.empty()) return region;
  const std::string file = file_in_home("AWS_CONFIG_FILE", "config");
  if (file.empty() || !std::filesystem::exists(file)) return {};
  const INIReader ini(file);
  const std::string profile = profile_name();
  return ini.Get(profile == "default" ? profile : "profile " + profile, "region", "");
}

}  // namespace igudar
