#include "net/http_headers.h"

#include <gtest/gtest.h>

namespace igudar {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

HttpResponse with(std::vector<HttpHeader> headers) {
  HttpResponse response;
  response.headers = std::move(headers);
  return response;
}

TEST(HttpHeaders, Read_dates_and_refuse_what_is_none) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), TimeNs{784111777} * kNsPerSecond);
  EXPECT_EQ(answered_at(with({{"date", "Thu, 01 Jan 1970 00:00:01 GMT"}})), kNsPerSecond);
  for (const char* text : {"", "yesterday", "Sun, 06 Nov 7395 08:49:37 GMT"})
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  EXPECT_EQ(answered_at(with({})), std::nullopt);
}

TEST(HttpHeaders, Say_how_long_to_wait) {
  EXPECT_EQ(retry_after(with({})), milliseconds(0));
  EXPECT_EQ(retry_after(with({{"retry-after", "7"}})), seconds(7));
  EXPECT_EQ(retry_after(with({{"retry-after", "-7"}})), seconds(0));
  EXPECT_EQ(retry_after(with({{"retry-after", "99999999"}})), hours(24));
  EXPECT_EQ(retry_after(with({{"retry-after", "soon"}})), seconds(0));
  EXPECT_EQ(
      retry_after(with({{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"}})),
      seconds(60));
}

}  // namespace
}  // namespace igudar
