#include "store/s3/s3_service.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "crypto/hash.h"
#include "net/url.h"
#include "store/s3/signature_v4.h"

namespace igudar {

namespace {

constexpr std::size_t kLargestListing = std::size_t{8} << 20;
constexpr const char* kListedAtOnce = "1000";

using namespace http_status;

template <typename List, typename T>
bool contains(const List& list, const T& what) {
  return std::find(std::begin(list), std::end(list), what) != std::end(list);
}

// Codes after which the same request may succeed, whatever their status.
bool is_passing(std::string_view code) {
  constexpr std::string_view kCodes[] = {"SlowDown",           "InternalError",    "RequestTimeout",
                                         "ServiceUnavailable", "OperationAborted", "ConditionalRequestConflict",
                                         "BadDigest",          "IncompleteBody",   "XAmzContentSHA256Mismatch"};
  return contains(kCodes, code);
}

}  // namespace

S3Service::S3Service(S3Place place, HttpOptions http, RetryPolicy retry)
    : place_(std::move(place)),
      key_prefix_(place_.prefix.empty() ? "" : place_.prefix + "/"),
      client_(place_.shown, std::move(http), std::move(retry)),
      region_(configured_s3_region()) {}

std::string S3Service::region() const {
  const std::string region = region_.with([](const std::string& known) { return known; });
  return region.empty() ? "us-east-1" : region;
}

// The path as it is sent; the host goes to `origin`, with its scheme.
std::string S3Service::host_and_path(const std::string& key, std::string& origin) const {
  const std::string path = key.empty() ? "" : percent_encoded(key_prefix_ + key, "/");
  if (!place_.endpoint.empty()) {
    origin = place_.endpoint;
    return "/" + percent_encoded(place_.bucket) + (path.empty() ? "" : "/" + path);
  }
  // A certificate for *.s3… does not cover a name with dots in it.
  const std::string service = "s3." + region() + ".amazonaws.com";
  if (place_.bucket.find('.') != place_.bucket.npos) {
    origin = "https://" + service;
    return "/" + percent_encoded(place_.bucket) + (path.empty() ? "" : "/" + path);
  }
  origin = "https://" + place_.bucket + "." + service;
  return "/" + path;
}

HttpRequest S3Service::request_of(const Call& call, const std::string& payload_hash) {
  const std::shared_ptr<const S3Credentials> credentials = credentials_.get();
  std::string origin;
  const std::string path = host_and_path(call.key, origin);
  const std::string timestamp = signature_timestamp(client_.clock());

  RequestToSign to_sign{
      .method = call.method, .path = path, .query = call.query, .headers = {}, .payload_hash = payload_hash};
  HttpRequest request;
  request.method = call.method;
  request.url = origin + path;
  if (!call.query.empty()) request.url += "?" + canonical_query(call.query);
  request.headers = call.headers;
  request.headers.push_back({"x-amz-date", timestamp});
  request.headers.push_back({"x-amz-content-sha256", payload_hash});
  if (!credentials->session_token.empty())
    request.headers.push_back({"x-amz-security-token", std::string(text_of(credentials->session_token.view()))});
  to_sign.headers.emplace_back("host", origin.substr(origin.find("//") + 2));
  for (const HttpHeader& header : request.headers) to_sign.headers.emplace_back(header.name, header.value);
  const S3SigningKey key{.access_key = credentials->access_key, .secret = credentials->secret, .region = region()};
  request.headers.push_back({"Authorization", signature_v4(to_sign, key, timestamp)});
  request.body = call.body;
  request.into = call.into;
  request.largest_answer = call.largest_answer;
  return request;
}

ServiceExchange S3Service::exchange_of(const Call& call) {
  return {.request = [this, &call, hash = to_hex(sha256(call.body).view())] { return request_of(call, hash); },
          .judge_answer = [this, &call](const HttpResponse& response) { judge(call, response); }};
}

ServiceAnswer S3Service::send(const Call& call, const std::stop_token& stop) {
  return client_.send(exchange_of(call), stop);
}

void S3Service::judge(const Call& call, const HttpResponse& response) {
  if (response.success()) {
    // Completing an upload takes so long that the status is sent before it is known.
    if (call.method != "POST" || parse_s3_error(response.body).code.empty()) return;
  } else if (contains(call.expected, response.status) && parse_s3_error(response.body).code != "NoSuchBucket") {
    return;
  }
  fail(response);
}

// What an answer that is no success means. May correct the clock, the region or the credentials first: then the error
// is a passing one.
void S3Service::fail(const HttpResponse& response) {
  const S3ErrorAnswer error = parse_s3_error(response.body);
  const int status = response.status;
  const std::string said = said_by_service(status, error.code);

  if (status == kForbidden) client_.follow_clock(response);
  const std::string* region_header = response.header("x-amz-bucket-region");
  const std::string& named_region = region_header != nullptr ? *region_header : error.region;
  if ((status == kBadRequest || status / 100 == 3) && !named_region.empty() && named_region != region()) {
    region_.with([&](std::string& known) { known = named_region; });
    throw Error(ErrorCode::failed, trf("the bucket is in the region {}", named_region)).as_retryable();
  }
  if (contains(std::initializer_list<std::string_view>{"ExpiredToken", "InvalidToken", "TokenRefreshRequired"},
               error.code)) {
    const auto before = credentials_.get();
    credentials_.forget();
    Error expired(ErrorCode::permission, trf("the service does not take the access key any more ({})", said),
                  trf("Renew what is in {}.", before->source));
    if (!secret_equal(credentials_.get()->session_token.view(), before->session_token.view())) expired.as_retryable();
    throw expired;
  }

  if (error.code == "NoSuchBucket")
    throw Error(ErrorCode::no_repository, trf("there is no bucket “{}”", place_.bucket),
                tr("Make the bucket first with your provider's tools, or correct its name."));
  if (error.code == "InvalidAccessKeyId" || error.code == "SignatureDoesNotMatch")
    throw Error(ErrorCode::permission,
                error.code == "InvalidAccessKeyId" ? tr("the service does not know the access key")
                                                   : tr("the secret of the access key is not the right one"),
                trf("The key is from {}.", credentials_.get()->source));
  if (error.code == "QuotaExceeded") throw_service_full(said);
  if (is_passing(error.code)) throw_service_busy(response, said);
  throw_for_status(response, said,
                   tr("The key must be allowed to list, read, write and delete objects in this bucket."));
}

void S3Service::put(const std::string& key, ByteView content, PutCondition condition, std::stop_token stop) {
  Call call{.method = "PUT", .key = key, .body = content};
  if (condition == PutCondition::absent) {
    call.headers.push_back({"if-none-match", "*"});
    call.expected = {kPreconditionFailed};
  }
  const ServiceAnswer answer = send(call, stop);
  if (answer.response.status == kPreconditionFailed) settle_refused_put(*this, key, content, answer.repeated, stop);
}

std::optional<Bytes> S3Service::get(const std::string& key, std::uint64_t limit, std::stop_token stop) {
  Call call{.method = "GET", .key = key, .expected = {kNotFound}};
  call.largest_answer = limit;
  HttpResponse response = send(call, stop).response;
  if (response.status == kNotFound) return std::nullopt;
  return whole_object(std::move(response), key, limit, location());
}

std::optional<std::size_t> S3Service::get_range(const std::string& key, std::uint64_t offset, MutableByteView out,
                                                std::stop_token stop) {
  Call call{.method = "GET", .key = key, .expected = {kNotFound, kRangeNotSatisfiable}};
  call.headers = {{"range", range_header(offset, out.size())}};
  call.into = out;
  const HttpResponse response = send(call, stop).response;
  if (response.status == kNotFound) return std::nullopt;
  if (response.status == kRangeNotSatisfiable) return 0;
  return part_of_object(response, key, offset, location());
}

std::optional<ServiceObject> S3Service::head(const std::string& key, std::stop_token stop) {
  const Call call{.method = "HEAD", .key = key, .expected = {kNotFound}};
  const HttpResponse response = send(call, stop).response;
  if (response.status == kNotFound) return std::nullopt;
  return described_object(response, key);
}

ListPage S3Service::list(const std::string& prefix, const std::string& next, std::stop_token stop) {
  Call call{.method = "GET", .key = {}};
  call.query = {
      {"list-type", "2"}, {"encoding-type", "url"}, {"max-keys", kListedAtOnce}, {"prefix", key_prefix_ + prefix}};
  if (!next.empty()) call.query.emplace_back("continuation-token", next);
  call.largest_answer = kLargestListing;
  ListPage page = parse_s3_list(send(call, stop).response.body);
  std::erase_if(page.objects, [&](const ServiceObject& object) { return !object.key.starts_with(key_prefix_); });
  for (ServiceObject& object : page.objects) object.key.erase(0, key_prefix_.size());
  return page;
}

void S3Service::remove(const std::string& key, std::stop_token stop) {
  send({.method = "DELETE", .key = key, .expected = {kNotFound}}, stop);
}

Upload S3Service::begin_upload(const std::string& key, std::stop_token stop) {
  const Call call{.method = "POST", .key = key, .query = {{"uploads", ""}}};
  return {key, parse_s3_upload_id(send(call, stop).response.body)};
}

std::string S3Service::put_part(const Upload& upload, unsigned number, ByteView content, std::stop_token stop) {
  Call call{.method = "PUT", .key = upload.key, .body = content};
  call.query = {{"partNumber", std::to_string(number)}, {"uploadId", upload.id}};
  const HttpResponse response = send(call, stop).response;
  const std::string* tag = response.header("etag");
  if (tag == nullptr) throw Error(ErrorCode::failed, trf("{} does not name the part that it took", location()));
  return *tag;
}

void S3Service::complete(const Upload& upload, const std::vector<std::string>& parts, std::uint64_t size,
                         std::stop_token stop) {
  const std::string list = s3_parts(parts);
  Call call{.method = "POST", .key = upload.key, .query = {{"uploadId", upload.id}}};
  call.headers = {{"content-type", "application/xml"}};
  call.body = view_of(list);
  call.expected = {kNotFound};
  if (send(call, stop).response.status != kNotFound) return;
  // An earlier attempt may have completed it, and its answer got lost.
  const auto stored = head(upload.key, stop);
  if (!stored || stored->size != size)
    throw Error(ErrorCode::failed, trf("{} has lost the parts of {}", location(), upload.key),
                tr("Run the command again: what did arrive is used."));
}

void S3Service::abort(const Upload& upload, std::stop_token stop) {
  const Call call{.method = "DELETE", .key = upload.key, .query = {{"uploadId", upload.id}}, .expected = {kNotFound}};
  client_.send_once(exchange_of(call), stop);
}

std::vector<Upload> S3Service::unfinished_uploads(TimeNs before, std::stop_token stop) {
  Call call{.method = "GET", .key = {}, .query = {{"uploads", ""}, {"prefix", key_prefix_}}};
  call.largest_answer = kLargestListing;
  std::vector<Upload> uploads = parse_s3_uploads(send(call, stop).response.body, before);
  std::erase_if(uploads, [&](const Upload& upload) { return !upload.key.starts_with(key_prefix_); });
  for (Upload& upload : uploads) upload.key.erase(0, key_prefix_.size());
  return uploads;
}

TimeNs S3Service::now(std::stop_token stop) {
  return time_of_answer(send({.method = "HEAD", .key = "config", .expected = {kNotFound}}, stop).response);
}

}  // namespace igudar
