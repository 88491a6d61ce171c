#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"

namespace igudar {

// Time-stamps (RFC 3161): the request to an authority, its answer, and the token in the answer, by which an authority
// says that something was there at a time. Answers and tokens may be anybody's: all functions take any bytes.

constexpr std::size_t kLargestTimeStamp = 64 << 10;  // an answer, and so a token; bytes

struct TimeStampRequest {
  Id32 imprint;  // SHA-256 of what is stamped
  Bytes nonce;   // big-endian, without leading zeros: the token must repeat it
  Bytes der;     // TimeStampReq, to be sent as application/timestamp-query
};
// With a random nonce, and asking for the authority's certificates. Thread-safe, as are the two below.
TimeStampRequest make_time_stamp_request(const Id32& imprint);

// What a token says: its own word, until TimeStampTrust::verify() tells what that is worth.
struct TimeStampToken {
  Bytes der;  // ContentInfo
  Id32 imprint;
  Bytes nonce;            // empty where it has none
  TimeNs time = 0;        // genTime, fractions of a second cut off
  std::string serial;     // hexadecimal
  std::string policy;     // "1.3.6.1.4.1.…"
  std::string authority;  // subject of the certificate it is signed with (RFC 2253); empty where that is not enclosed
};
// Throws damaged for what is no token, or one of another hash than SHA-256.
TimeStampToken parse_time_stamp_token(ByteView der);
// The token in a TimeStampResp. Throws damaged for what is none, and failed when the authority refuses, with its words,
// or answers something else than `request`.
TimeStampToken parse_time_stamp_response(ByteView response, const TimeStampRequest& request);

enum class TimeStampVerdict {
  valid,
  untrusted,  // well signed, by one whom the trusted certificates do not vouch for as a time-stamp authority
  expired,    // well signed, with a certificate that was not valid at the time
  forged      // not signed by whom it names, of something else, or against the rules of RFC 3161
};
struct TimeStampVerification {
  TimeStampVerdict verdict = TimeStampVerdict::valid;
  std::string reason;  // translated; empty when valid
};

// The certificates that are trusted to vouch for time-stamp authorities. Not thread-safe.
class TimeStampTrust {
 public:
  // The certificates in a file (PEM), and no others. Throws usage where there is none.
  static TimeStampTrust of_file(const std::string& file);
  // Those that the system trusts.
  static TimeStampTrust of_system();
  ~TimeStampTrust();
  TimeStampTrust(TimeStampTrust&&) noexcept;
  TimeStampTrust& operator=(TimeStampTrust&&) noexcept;

  // Whether `token` is a stamp of `imprint` by a trusted authority, whose certificates (with the use timeStamping) are
  // looked at as of the time `at`. Revocation is not asked for.
  TimeStampVerification verify(const TimeStampToken& token, const Id32& imprint, TimeNs at);

 private:
  struct State;
  explicit TimeStampTrust(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace igudar
