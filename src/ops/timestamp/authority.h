#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "crypto/time_stamp.h"
#include "net/http_client.h"

namespace igudar {

// A time-stamp authority (RFC 3161), asked over HTTP or HTTPS. Not thread-safe.
class TimeStampAuthority {
 public:
  // `ca_file` holds the certificates (PEM) that vouch for it; those that the system trusts when there is none. Throws
  // usage for a URL or a file that is of no use.
  TimeStampAuthority(std::string url, const std::optional<std::string>& ca_file);

  // For people and for the record: without what may be secret in it.
  const std::string& shown_url() const { return shown_url_; }

  // Has `imprint` stamped, and verifies the stamp as of now. Throws io when the authority cannot be reached, failed for
  // an answer that is no stamp to be trusted; nothing else of it is believed.
  TimeStampToken stamp(const Id32& imprint, std::stop_token stop);

 private:
  std::string url_;
  std::string shown_url_;
  HttpClient client_;
  TimeStampTrust trust_;
};

}  // namespace igudar
