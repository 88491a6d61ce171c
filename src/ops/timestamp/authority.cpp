#include "ops/timestamp/authority.h"

#include "base/error.h"
#include "base/translate.h"
#include "net/http_post.h"
#include "net/url.h"

namespace igudar {

namespace {

constexpr std::chrono::milliseconds kWholeExchange{30'000};
constexpr const char* kQueryType = "application/timestamp-query";
constexpr const char* kReplyType = "application/timestamp-reply";

void require_valid(const TimeStampVerification& verification) {
  if (verification.verdict == TimeStampVerdict::valid) return;
  throw Error(ErrorCode::failed, trf("the stamp is not to be trusted: {}", verification.reason),
              tr("If the authority is the right one, name the file of its CA with --timestamp-ca."));
}

}  // namespace

TimeStampAuthority::TimeStampAuthority(std::string url, const std::optional<std::string>& ca_file)
    : url_(std::move(url)),
      shown_url_(public_url(url_)),
      client_({.whole = kWholeExchange}),
      trust_(ca_file ? TimeStampTrust::of_file(*ca_file) : TimeStampTrust::of_system()) {}

TimeStampToken TimeStampAuthority::stamp(const Id32& imprint, std::stop_token stop) {
  const TimeStampRequest request = make_time_stamp_request(imprint);
  const HttpAnswer answer = post(client_, url_, kQueryType, request.der, kLargestTimeStamp, std::move(stop));
  try {
    TimeStampToken token = parse_time_stamp_response(answer.body, request);
    // Now, and when it will be verified again.
    for (const TimeNs at : {wall_clock_ns(), token.time}) require_valid(trust_.verify(token, imprint, at));
    return token;
  } catch (Error& error) {
    error.with_context(shown_url_);
    if (error.code() != ErrorCode::damaged) throw;
    if (!answer.content_type.starts_with(kReplyType))
      error.with_context(trf("the answer is of the type '{}'", answer.content_type));
    // A stranger's bad answer is no damage to the repository.
    throw Error(ErrorCode::failed, error.what());
  }
}

}  // namespace igudar
