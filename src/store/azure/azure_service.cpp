#include "store/azure/azure_service.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/base64.h"
#include "crypto/fips.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "net/http_headers.h"
#include "net/url.h"
#include "store/azure/azure_answers.h"
#include "store/azure/shared_key.h"

namespace igudar {

namespace {

using namespace http_status;

constexpr const char* kVersion = "2021-12-02";
constexpr const char* kListedAtOnce = "5000";  // the most that the service gives
constexpr std::size_t kLargestListing = std::size_t{32} << 20;

constexpr std::string_view kNoContainer[] = {"ContainerNotFound", "ContainerBeingDeleted", "ContainerDisabled"};
constexpr std::string_view kNotAuthentic[] = {"AuthenticationFailed", "InvalidAuthenticationInfo",
                                              "NoAuthenticationInformation"};
// After which the same request may succeed, whatever their status.
constexpr std::string_view kPassing[] = {"ServerBusy", "InternalError", "OperationTimedOut", "Md5Mismatch",
                                         "Crc64Mismatch"};

template <typename List, typename T>
bool contains(const List& list, const T& what) {
  return std::find(std::begin(list), std::end(list), what) != std::end(list);
}

// Answers to HEAD have no body.
std::string code_of(const HttpResponse& response) {
  const std::string* code = response.header("x-ms-error-code");
  return code != nullptr ? *code : parse_azure_error(response.body).code;
}

// The service verifies it; empty where there is none.
std::string md5_of(ByteView body) {
  if (body.empty() || in_fips_mode()) return {};
  Digest digest(DigestAlgorithm::md5);
  digest.update(body);
  return to_base64(digest.finish());
}

std::string query_of(const std::vector<std::pair<std::string, std::string>>& query) {
  std::string text;
  for (const auto& [name, value] : query)
    text += (text.empty() ? "" : "&") + percent_encoded(name) + "=" + percent_encoded(value);
  return text;
}

}  // namespace

AzureService::AzureService(AzurePlace place, AzureCredentials credentials, HttpOptions http, RetryPolicy retry)
    : place_(std::move(place)),
      credentials_(std::move(credentials)),
      origin_(origin_of(credentials_.endpoint)),
      // An endpoint may have a path of its own: that of the emulator has the account's name.
      root_(credentials_.endpoint.substr(origin_.size()) + "/" + percent_encoded(place_.container, "$")),
      key_prefix_(place_.prefix.empty() ? "" : place_.prefix + "/"),
      client_(place_.shown, std::move(http), std::move(retry)) {}

std::string AzureService::path_of(const std::string& key) const {
  return key.empty() ? root_ : root_ + "/" + percent_encoded(key_prefix_ + key, "/");
}

HttpRequest AzureService::request_of(const Call& call, const std::string& body_md5) const {
  const std::string path = path_of(call.key);
  std::string query = query_of(call.query);
  HttpRequest request;
  request.method = call.method;
  request.headers = call.headers;
  request.headers.push_back({"x-ms-version", kVersion});
  request.headers.push_back({"x-ms-date", format_http_date(client_.clock())});
  if (!body_md5.empty()) request.headers.push_back({"content-md5", body_md5});
  if (credentials_.key.empty()) {
    query += (query.empty() ? "" : "&") + std::string(text_of(credentials_.sas_token.view()));
  } else {
    const SharedKeyRequest to_sign{.method = call.method,
                                   .path = path,
                                   .query = call.query,
                                   .headers = request.headers,
                                   .content_length = call.body.size()};
    request.headers.push_back({"Authorization", shared_key_authorization(to_sign, place_.account, credentials_.key)});
  }
  request.url = origin_ + path + (query.empty() ? "" : "?" + query);
  request.body = call.body;
  request.into = call.into;
  request.largest_answer = call.largest_answer;
  return request;
}

ServiceAnswer AzureService::send(const Call& call, const std::stop_token& stop) {
  return client_.send({.request = [this, &call, md5 = md5_of(call.body)] { return request_of(call, md5); },
                       .judge_answer = [this, &call](const HttpResponse& response) { judge(call, response); }},
                      stop);
}

void AzureService::judge(const Call& call, const HttpResponse& response) {
  if (response.success()) return;
  const std::string code = code_of(response);
  // Of these there are many kinds; only one of each is an answer.
  bool right_kind = !contains(kNoContainer, code);
  if (response.status == kConflict) right_kind = code == "BlobAlreadyExists";
  if (response.status == kBadRequest) right_kind = code == "InvalidBlockList";
  if (!right_kind || !contains(call.expected, response.status)) fail(response, code);
}

// What an answer that is no success means. May correct the clock first: then the error is a passing one.
void AzureService::fail(const HttpResponse& response, const std::string& code) {
  const std::string said = said_by_service(response.status, code);
  if (response.status == kForbidden) {
    client_.follow_clock(response);
    const TimeNs end = end_of_sas_token(credentials_.sas_token);
    if (end != 0 && end < client_.clock())
      throw Error(ErrorCode::permission, trf("the SAS token has expired on {}", format_local_time(end)),
                  trf("Renew what is in {}.", credentials_.source));
  }
  if (contains(kNoContainer, code))
    throw Error(ErrorCode::no_repository,
                trf("there is no container “{}” in the storage account “{}”", place_.container, place_.account),
                tr("Make the container first with your provider's tools, or correct its name."));
  if (contains(kNotAuthentic, code))
    throw Error(ErrorCode::permission,
                credentials_.key.empty()
                    ? trf("the service does not take the SAS token ({})", said)
                    : trf("the service does not take the key of the storage account “{}” ({})", place_.account, said),
                trf("Renew what is in {}.", credentials_.source));
  if (code == "AccountIsDisabled")
    throw Error(ErrorCode::permission, trf("the storage account “{}” is disabled ({})", place_.account, said),
                tr("Your provider's portal says why: an unpaid bill, as a rule."));
  if (code == "BlobImmutableDueToPolicy")
    throw Error(ErrorCode::permission, trf("the container's rules forbid changing or removing it ({})", said),
                tr("An immutability policy or a legal hold of the container is in force until its time is over."));
  if (code == "QuotaExceeded") throw_service_full(said);
  if (contains(kPassing, code)) throw_service_busy(response, said);
  throw_for_status(
      response, said,
      trf("The key or token in {} must be allowed to list, read, write and delete in this container, and the "
          "account's network rules must let this machine in.",
          credentials_.source));
}

void AzureService::put(const std::string& key, ByteView content, PutCondition condition, std::stop_token stop) {
  Call call{.method = "PUT", .key = key, .body = content};
  call.headers = {{"x-ms-blob-type", "BlockBlob"}, {"content-type", "application/octet-stream"}};
  if (condition == PutCondition::absent) {
    call.headers.push_back({"if-none-match", "*"});
    call.expected = {kConflict, kPreconditionFailed};
  }
  const ServiceAnswer answer = send(call, stop);
  if (!answer.response.success()) settle_refused_put(*this, key, content, answer.repeated, stop);
}

std::optional<Bytes> AzureService::get(const std::string& key, std::uint64_t limit, std::stop_token stop) {
  Call call{.method = "GET", .key = key, .expected = {kNotFound}};
  call.largest_answer = limit;
  HttpResponse response = send(call, stop).response;
  if (response.status == kNotFound) return std::nullopt;
  return whole_object(std::move(response), key, limit, location());
}

std::optional<std::size_t> AzureService::get_range(const std::string& key, std::uint64_t offset, MutableByteView out,
                                                   std::stop_token stop) {
  Call call{.method = "GET", .key = key, .expected = {kNotFound, kRangeNotSatisfiable}};
  call.headers = {{"range", range_header(offset, out.size())}};
  call.into = out;
  const HttpResponse response = send(call, stop).response;
  if (response.status == kNotFound) return std::nullopt;
  if (response.status == kRangeNotSatisfiable) return 0;
  return part_of_object(response, key, offset, location());
}

std::optional<ServiceObject> AzureService::head(const std::string& key, std::stop_token stop) {
  const Call call{.method = "HEAD", .key = key, .expected = {kNotFound}};
  const HttpResponse response = send(call, stop).response;
  if (response.status == kNotFound) return std::nullopt;
  return described_object(response, key);
}

ListPage AzureService::list(const std::string& prefix, const std::string& next, std::stop_token stop) {
  Call call{.method = "GET", .key = {}};
  call.largest_answer = kLargestListing;
  ListPage page{.objects = {}, .next = next};
  // A page may be empty though others follow.
  do {
    call.query = {
        {"comp", "list"}, {"maxresults", kListedAtOnce}, {"prefix", key_prefix_ + prefix}, {"restype", "container"}};
    if (!page.next.empty()) call.query.emplace_back("marker", page.next);
    page = parse_azure_list(send(call, stop).response.body);
    std::erase_if(page.objects, [&](const ServiceObject& object) { return !object.key.starts_with(key_prefix_); });
  } while (page.objects.empty() && !page.next.empty());
  for (ServiceObject& object : page.objects) object.key.erase(0, key_prefix_.size());
  return page;
}

void AzureService::remove(const std::string& key, std::stop_token stop) {
  send({.method = "DELETE", .key = key, .headers = {{"x-ms-delete-snapshots", "include"}}, .expected = {kNotFound}},
       stop);
}

Upload AzureService::begin_upload(const std::string& key, std::stop_token /*stop*/) {
  constexpr std::size_t kIdSize = 15;
  return {key, to_base64(random_id<kIdSize>().view())};
}

// All ids of a blob's blocks have the same length. Those of two uploads of one name never meet.
std::string AzureService::put_part(const Upload& upload, unsigned number, ByteView content, std::stop_token stop) {
  const Bytes tail{static_cast<std::uint8_t>(number >> 16), static_cast<std::uint8_t>(number >> 8),
                   static_cast<std::uint8_t>(number)};
  // Of 15 bytes and of 3: what is encoded of them is the encoding of both together.
  const std::string id = upload.id + to_base64(tail);
  Call call{.method = "PUT", .key = upload.key, .query = {{"blockid", id}, {"comp", "block"}}, .body = content};
  call.headers = {{"content-type", "application/octet-stream"}};
  send(call, stop);
  return id;
}

std::vector<std::string> AzureService::blocks_of(const std::string& key, const std::stop_token& stop) {
  Call call{.method = "GET", .key = key, .query = {{"blocklisttype", "committed"}, {"comp", "blocklist"}}};
  call.expected = {kNotFound};
  call.largest_answer = kLargestListing;
  const HttpResponse response = send(call, stop).response;
  return response.success() ? parse_azure_blocks(response.body) : std::vector<std::string>();
}

void AzureService::complete(const Upload& upload, const std::vector<std::string>& parts, std::uint64_t /*size*/,
                            std::stop_token stop) {
  const std::string list = azure_blocks(parts);
  Call call{.method = "PUT", .key = upload.key, .query = {{"comp", "blocklist"}}};
  call.headers = {{"content-type", "application/xml"}, {"if-none-match", "*"}};
  call.body = view_of(list);
  // A bad request when somebody else has put a blob of that name: that has removed all blocks that are not of it.
  call.expected = {kBadRequest, kConflict, kPreconditionFailed};
  const HttpResponse response = send(call, stop).response;
  if (response.success()) return;
  // An earlier attempt may have done it, and its answer got lost.
  if (blocks_of(upload.key, stop) == parts) return;
  if (head(upload.key, stop))
    throw Error(ErrorCode::already_exists, trf("{} exists already in {}", upload.key, location()));
  if (code_of(response) != "InvalidBlockList") fail(response, code_of(response));
  throw Error(ErrorCode::failed, trf("{} has lost the parts of {}", location(), upload.key),
              tr("Run the command again: what did arrive is used."));
}

void AzureService::abort(const Upload& /*upload*/, std::stop_token /*stop*/) {}

std::vector<Upload> AzureService::unfinished_uploads(TimeNs /*before*/, std::stop_token /*stop*/) {
  return {};
}

TimeNs AzureService::now(std::stop_token stop) {
  return time_of_answer(send({.method = "HEAD", .key = "config", .expected = {kNotFound}}, stop).response);
}

}  // namespace igudar
