#pragma once

#include <memory>
#include <string>

#include "base/secret.h"
#include "concurrency/guarded.h"

namespace igudar {

struct S3Credentials {
  std::string access_key;
  SecretBytes secret;
  SecretBytes session_token;  // of temporary credentials; empty otherwise
  std::string source;         // where they are from, for people
};

// The credentials for S3, looked for as AWS's own tools do: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and
// AWS_SESSION_TOKEN), then the profile AWS_PROFILE ("default") in AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials).
// Thread-safe.
class S3CredentialChain {
 public:
  // What was found, from then on without looking again. Throws permission, saying where it looked; usage for a file
  // that others may read.
  std::shared_ptr<const S3Credentials> get();
  // Looks anew at the next call: the service does not take them any more.
  void forget();

 private:
  Guarded<std::shared_ptr<const S3Credentials>> found_;
};

// AWS_REGION, AWS_DEFAULT_REGION, or the profile's in AWS_CONFIG_FILE (~/.aws/config); empty when nothing says.
// Thread-safe.
std::string configured_s3_region();

}  // namespace igudar
