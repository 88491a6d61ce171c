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

TEST(HttpClient, Gives_up_on_a_server_that_says_nothing) {
  ::setenv("no_proxy", "*", 1);
  const SilentServer server;
  HttpClient client({.whole = std::chrono::milliseconds(100)});
  const Error error = error_of([&] { client.send({.url = server.url}, {}); });
  EXPECT_EQ(error.code(), ErrorCode::io);
  EXPECT_THAT(error.what(), HasSubstr("gives no answer"));
  EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
}

TEST(HttpClient, Ends_when_it_is_stopped) {
  ::setenv("no_proxy", "*", 1);
  const SilentServer server;
  std::stop_source stopped;
  stopped.request_stop();
  HttpClient client;
  EXPECT_EQ(error_of([&] { client.send({.url = server.url}, stopped.get_token()); }).code(), ErrorCode::interrupted);
}

}  // namespace
}  // namespace igudar
