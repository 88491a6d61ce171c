#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "net/http_client.h"
#include "store/bucket/object_service.h"
#include "store/retry.h"

namespace igudar {

// What came back, and whether an earlier attempt may have had its effect without our knowing.
struct ServiceAnswer {
  HttpResponse response;
  bool repeated = false;
};

// How a request is made and its answer judged. Both are called once for each attempt.
struct ServiceExchange {
  std::function<HttpRequest()> request;                   // anew for each attempt: a signature is of its time
  std::function<void(const HttpResponse&)> judge_answer;  // throws what it means, unless it is one that was wanted
};

// How a service for objects is asked over HTTP: what passes is tried again, for less long while the service has never
// answered; its clock is followed where ours is off.
//
// Thread-safe. Errors are those of HttpClient and of whoever judges the answers, with the location as their context.
class ServiceClient {
 public:
  // `location` is ObjectService::location().
  ServiceClient(std::string location, HttpOptions http, RetryPolicy retry);

  ServiceAnswer send(const ServiceExchange& exchange, const std::stop_token& stop);
  // One attempt, whatever comes of it.
  ServiceAnswer send_once(const ServiceExchange& exchange, const std::stop_token& stop);

  // The service's clock, as far as it is known.
  TimeNs clock() const { return wall_clock_ns() + clock_offset_; }
  // When a refusal may be for our clock, which is far from the service's: follows that one from now on, and throws a
  // retryable error.
  void follow_clock(const HttpResponse& refusal);

 private:
  void attempt(const ServiceExchange& exchange, unsigned number, ServiceAnswer& answer, const std::stop_token& stop);

  const std::string location_;
  HttpClient http_;
  Retry retry_;
  std::atomic<TimeNs> clock_offset_{0};  // of the service's clock to ours
  std::atomic<bool> answered_{false};
};

// What services for objects have in common in their answers. All functions may be called concurrently; `location` is
// ObjectService::location().

namespace http_status {
constexpr int kPartialContent = 206;
constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;
constexpr int kPreconditionFailed = 412;
constexpr int kRangeNotSatisfiable = 416;
constexpr int kNotImplemented = 501;
constexpr int kInsufficientStorage = 507;
}  // namespace http_status

// "HTTP status 503, SlowDown". `code` is the service's own; it may be empty.
std::string said_by_service(int status, const std::string& code);
// Errors that every service has; `said` is said_by_service().
[[noreturn]] void throw_service_full(const std::string& said);
[[noreturn]] void throw_service_busy(const HttpResponse& response, const std::string& said);
// What the status alone says. `rights` tells people what a key must be allowed to do.
[[noreturn]] void throw_for_status(const HttpResponse& response, const std::string& said, const std::string& rights);

// The answer to a GET of the whole object. Throws damaged when it has more than `limit` bytes.
Bytes whole_object(HttpResponse response, const std::string& key, std::uint64_t limit, const std::string& location);
// How much of `HttpRequest::into` the answer to a GET of a range from `offset` on has filled. Throws unsupported when
// it is of another place.
std::size_t part_of_object(const HttpResponse& response, const std::string& key, std::uint64_t offset,
                           const std::string& location);
// The value of the Range header.
std::string range_header(std::uint64_t offset, std::size_t size);
// What the headers of the answer to a HEAD tell.
ServiceObject described_object(const HttpResponse& response, const std::string& key);
// The Date of an answer; by our clock when it has none.
TimeNs time_of_answer(const HttpResponse& response);
// After the service has refused to create an object exclusively: returns when an earlier attempt of this put may have
// created it and it is there as it should be. Throws already_exists otherwise.
void settle_refused_put(ObjectService& service, const std::string& key, ByteView content, bool repeated,
                        const std::stop_token& stop);

}  // namespace igudar
