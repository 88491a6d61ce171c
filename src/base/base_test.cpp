#include <gtest/gtest.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/secret.h"

namespace igudar {

TEST(Hex, round_trips_and_refuses_what_is_not_hex) {
  EXPECT_EQ(to_hex(Bytes{0, 15, 255}), "000fff");
  EXPECT_EQ(from_hex("000FfF"), (Bytes{0, 15, 255}));
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("zz"));
}

TEST(Clock, reads_the_forms_people_and_programs_write) {
  EXPECT_EQ(parse_time("2026-11-21T02:57:04Z", false), 1795229824 * kNsPerSecond);
  EXPECT_EQ(parse_time("2026-11-21T03:57:04.5+01:00", false), 1795229824 * kNsPerSecond + kNsPerSecond / 2);
  EXPECT_EQ(*parse_time("2026-11-21", true) - *parse_time("2026-11-21", false), 86400 * kNsPerSecond - 1);
  EXPECT_FALSE(parse_time("yesterday", false));
  EXPECT_FALSE(parse_time("2026-11-21 25:00", false));
  EXPECT_FALSE(parse_time("2026-02-29", false));
  EXPECT_TRUE(parse_time("2028-02-29", false));
  EXPECT_EQ(format_rfc3339(1795229824 * kNsPerSecond + 5), "2026-11-21T02:57:04.000000005Z");
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999999999Z");
}

TEST(Error, says_what_to_what_and_what_next) {
  Error error(ErrorCode::damaged, "pack 12 is damaged", "run check");
  error.with_context("while restoring a");
  EXPECT_STREQ(error.what(), "pack 12 is damaged (while restoring a)");
  EXPECT_EQ(exit_status(error.code()), 11);
  EXPECT_EQ(code_name(error.code()), "damaged");
  EXPECT_EQ(errno_error(ENOSPC, "x").code(), ErrorCode::no_space);
}

TEST(Buffer, keeps_its_memory_when_cleared) {
  Buffer buffer(10);
  buffer.append(view_of("hello"));
  const auto* before = buffer.data();
  buffer.clear();
  buffer.append(view_of("bye"));
  EXPECT_EQ(buffer.data(), before);
  EXPECT_EQ(text_of(buffer.view()), "bye");
}

TEST(SecretBytes, compares_and_clones) {
  const SecretBytes a(view_of("secret"));
  EXPECT_TRUE(secret_equal(a.view(), a.clone().view()));
  EXPECT_FALSE(secret_equal(a.view(), view_of("secreT")));
  EXPECT_FALSE(secret_equal(a.view(), view_of("secre")));
}

}  // namespace igudar
