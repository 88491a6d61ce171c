#include "net/http_client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>

#include "base/error.h"
#include "base/unique_fd.h"

namespace igudar {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The error that an action ends with.
template <typename Action>
Error error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorCode::failed, ""};
}

// A port of this machine where somebody listens and never says a word: connections are made by the kernel.
class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_.get(), 4), 0);
    EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    url = "http://user:secret@127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/tsr?key=secret";
  }
  std::string url;

 private:
  UniqueFd socket_;
};

TEST(PublicUrl, Hides_what_may_be_secret) {
  EXPECT_EQ(public_url("https://user:word@tsa.example.org:8443/tsr/x?key=1#part"),
            "https://tsa.example.org:8443/tsr/x");
  EXPECT_EQ(public_url("http://tsa.example.org"), "http://tsa.example.org/");
}

TEST(PublicUrl, Is_of_http_or_https) {
  for (const char* url : {"", "tsa.example.org", "file:///etc/passwd", "ftp://example.org/", "https://", "http://a b/"})
    EXPECT_EQ(error_of([&] { public_url(url); }).code(), ErrorCode::usage) << url;
}

TEST(HttpClient, Gives_up_on_a_server_that_says_nothing) {
  ::setenv("no_proxy", "*", 1);
  const SilentServer server;
  HttpLimits limits;
  limits.whole = std::chrono::milliseconds(100);
  const Error error = error_of([&] { HttpClient(limits).post(server.url, "text/plain", view_of("?"), {}); });
  EXPECT_EQ(error.code(), ErrorCode::io);
  EXPECT_THAT(error.what(), HasSubstr("gives no answer"));
  EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
}

TEST(HttpClient, Ends_when_it_is_stopped) {
  ::setenv("no_proxy", "*", 1);
  const SilentServer server;
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_EQ(error_of([&] { HttpClient().post(server.url, "text/plain", view_of("?"), stopped.get_token()); }).code(),
            ErrorCode::interrupted);
}

}  // namespace
}  // namespace igudar
