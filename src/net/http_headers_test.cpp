#include "net/http_headers.h"

#include <gmock/gmock.h>

namespace igudar {
namespace {

// The example of RFC 9110, section 5.6.7.
constexpr TimeNs kTime = TimeNs{784111777} * kNsPerSecond;

TEST(HttpDate, Is_written_and_read_as_published) {
  EXPECT_EQ(format_http_date(kTime), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kTime);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), kTime);
  EXPECT_EQ(parse_http_date("tomorrow"), std::nullopt);
}

}  // namespace
}  // namespace igudar
