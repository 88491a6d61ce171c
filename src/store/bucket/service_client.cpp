#include "store/bucket/service_client.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "base/translate.h"
#include "net/http_headers.h"

namespace igudar {

namespace {

constexpr TimeNs kToleratedClockError = 5 * 60 * kNsPerSecond;
// A service that has never answered is more likely named wrongly than away for a while.
constexpr unsigned kAttemptsToReach = 3;

// After which the same request may succeed.
bool is_passing(int status) {
  constexpr int kStatuses[] = {408, 425, 429, 500, 502, 503, 504};
  return std::find(std::begin(kStatuses), std::end(kStatuses), status) != std::end(kStatuses);
}

std::uint64_t number_of(const std::string* text) {
  std::uint64_t number = 0;
  if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

HttpOptions with_hint(HttpOptions http) {
  http.untrusted_hint =
      tr("If the server is yours, name the file of its CA with --ca-file; a certificate of another name or out of date "
         "has "
         "to be mended there.");
  return http;
}

}  // namespace

ServiceClient::ServiceClient(std::string location, HttpOptions http, RetryPolicy retry)
    : location_(std::move(location)), http_(with_hint(std::move(http))), retry_(std::move(retry)) {}

void ServiceClient::attempt(const ServiceExchange& exchange, unsigned number, ServiceAnswer& answer,
                            const std::stop_token& stop) {
  answer.repeated = number > 0;
  answer.response = http_.send(exchange.request(), stop);
  answered_ = true;
  if (answer.response.resent) answer.repeated = true;
  exchange.judge_answer(answer.response);
}

ServiceAnswer ServiceClient::send_once(const ServiceExchange& exchange, const std::stop_token& stop) {
  ServiceAnswer answer;
  attempt(exchange, 0, answer, stop);
  return answer;
}

ServiceAnswer ServiceClient::send(const ServiceExchange& exchange, const std::stop_token& stop) {
  ServiceAnswer answer;
  try {
    retry_.run(stop, [&](unsigned number) {
      try {
        attempt(exchange, number, answer, stop);
      } catch (const Error& error) {
        if (answered_ || number + 1 < kAttemptsToReach) throw;
        throw Error(error.code(), error.message(), error.hint());
      }
    });
  } catch (Error& error) {
    if (error.code() != ErrorCode::interrupted) error.with_context(location_);
    throw;
  }
  return answer;
}

void ServiceClient::follow_clock(const HttpResponse& refusal) {
  const TimeNs ours = wall_clock_ns();
  const TimeNs theirs = answered_at(refusal).value_or(ours + clock_offset_);
  if (std::abs(theirs - (ours + clock_offset_)) <= kToleratedClockError) return;
  clock_offset_ = theirs - ours;
  throw Error(ErrorCode::permission,
              trf("the clock of this machine is off by more than {} minutes", kToleratedClockError / kNsPerSecond / 60))
      .as_retryable();
}

std::string said_by_service(int status, const std::string& code) {
  return code.empty() ? trf("HTTP status {}", status) : trf("HTTP status {}, {}", status, code);
}

void throw_service_full(const std::string& said) {
  throw Error(ErrorCode::no_space, trf("the storage is full ({})", said),
              tr("Raise the quota, or free space with forget and prune."));
}

void throw_service_busy(const HttpResponse& response, const std::string& said) {
  throw Error(ErrorCode::io, trf("the service is not able to do it now ({})", said))
      .as_retryable(retry_after(response));
}

void throw_for_status(const HttpResponse& response, const std::string& said, const std::string& rights) {
  const int status = response.status;
  if (status == http_status::kInsufficientStorage) throw_service_full(said);
  if (is_passing(status)) throw_service_busy(response, said);
  if (status == http_status::kForbidden || status == http_status::kUnauthorized)
    throw Error(ErrorCode::permission, trf("the service denies access ({})", said), rights);
  if (status == http_status::kNotImplemented)
    throw Error(ErrorCode::unsupported, trf("the service does not know what it is asked for ({})", said));
  throw Error(ErrorCode::failed, trf("the service answers with what was not expected ({})", said));
}

Bytes whole_object(HttpResponse response, const std::string& key, std::uint64_t limit, const std::string& location) {
  if (response.too_long)
    throw Error(ErrorCode::damaged, trf("{} in {} has {} bytes, but at most {} are possible", key, location,
                                        number_of(response.header("content-length")), limit));
  return std::move(response.body);
}

std::string range_header(std::uint64_t offset, std::size_t size) {
  return "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + size - 1);
}

std::size_t part_of_object(const HttpResponse& response, const std::string& key, std::uint64_t offset,
                           const std::string& location) {
  const std::string* range = response.header("content-range");
  const bool partial = response.status == http_status::kPartialContent;
  const bool right_place =
      partial ? range != nullptr && range->starts_with("bytes " + std::to_string(offset) + "-") : offset == 0;
  if (!right_place || (response.too_long && partial))
    throw Error(ErrorCode::unsupported, trf("{} answers with another part of {} than it was asked for", location, key));
  return response.received;
}

ServiceObject described_object(const HttpResponse& response, const std::string& key) {
  const std::string* modified = response.header("last-modified");
  const auto stored_at = modified == nullptr ? std::nullopt : parse_http_date(*modified);
  return {key, number_of(response.header("content-length")), stored_at.value_or(0)};
}

TimeNs time_of_answer(const HttpResponse& response) {
  return answered_at(response).value_or(wall_clock_ns() / kNsPerSecond * kNsPerSecond);
}

void settle_refused_put(ObjectService& service, const std::string& key, ByteView content, bool repeated,
                        const std::stop_token& stop) {
  if (repeated) {
    const auto stored = service.get(key, content.size() + 1, stop);
    if (stored && equal(*stored, content)) return;
  }
  throw Error(ErrorCode::already_exists, trf("{} exists already in {}", key, service.location()));
}

}  // namespace igudar
