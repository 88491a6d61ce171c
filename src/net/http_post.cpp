#include "net/http_post.h"

#include "base/error.h"
#include "base/translate.h"
#include "net/url.h"

namespace igudar {

namespace {

constexpr int kOk = 200;

[[noreturn]] void throw_status(const std::string& shown_url, int status) {
  constexpr int kFirstRedirect = 300;
  constexpr int kFirstError = 400;
  if (status >= kFirstRedirect && status < kFirstError)
    throw Error(ErrorCode::failed, trf("{} points to another place (HTTP status {})", shown_url, status),
                tr("Redirects are not followed: give the URL of that place, if you trust it."));
  throw Error(ErrorCode::failed, trf("{} answers with the HTTP status {}", shown_url, status));
}

}  // namespace

HttpAnswer post(HttpClient& client, const std::string& url, const std::string& content_type, ByteView body,
                std::size_t largest_answer, std::stop_token stop) {
  const std::string shown_url = public_url(url);
  HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", content_type}};
  request.body = body;
  request.largest_answer = largest_answer;
  HttpResponse response = client.send(std::move(request), std::move(stop));
  if (response.status != kOk) throw_status(shown_url, response.status);
  if (response.too_long)
    throw Error(ErrorCode::failed,
                trf("{} answers with more than the {} bytes that are allowed", shown_url, largest_answer));
  const std::string* answered_type = response.header("content-type");
  return {answered_type == nullptr ? "" : *answered_type, std::move(response.body)};
}

}  // namespace igudar
