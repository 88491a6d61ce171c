#include "crypto/time_stamp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "base/error.h"
#include "crypto/time_stamp_testing.h"
#include "testing/scratch_dir.h"

namespace igudar {

using testing::answered_request;
using testing::kOtherCa;
using testing::kTimeStampAnswer;
using testing::kTimeStampCa;
using testing::kTimeStampTime;
using testing::sample_time_stamp;

namespace {

constexpr TimeNs kDay = TimeNs{24} * 3600 * kNsPerSecond;

template <typename Action>
ErrorCode code_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::failed;
}

class TimeStampTrustTest : public ::testing::Test {
 protected:
  TimeStampTrust trusting(std::string_view certificate) const {
    const std::filesystem::path file = scratch_ / "ca.pem";
    std::ofstream(file) << certificate;
    return TimeStampTrust::of_file(file);
  }
  TimeStampVerdict verdict(const TimeStampToken& token, TimeNs at = kTimeStampTime) const {
    return trusting(kTimeStampCa).verify(token, answered_request().imprint, at).verdict;
  }

  testing::ScratchDir scratch_;
};

}  // namespace

TEST(TimeStampRequest, Holds_the_imprint_and_a_nonce_and_asks_for_certificates) {
  const TimeStampRequest sample = answered_request();
  const TimeStampRequest request = make_time_stamp_request(sample.imprint);
  const auto holds = [&](ByteView part) {
    return std::search(request.der.begin(), request.der.end(), part.begin(), part.end()) != request.der.end();
  };
  EXPECT_TRUE(holds(sample.imprint.view()));
  EXPECT_TRUE(holds(request.nonce));
  constexpr std::uint8_t kTrue[] = {0x01, 0x01, 0xff};  // certReq, the last part
  EXPECT_TRUE(equal(ByteView(request.der).last(3), kTrue));
  EXPECT_NE(make_time_stamp_request(sample.imprint).nonce, request.nonce);
}

TEST(TimeStampResponse, Gives_the_token) {
  const TimeStampToken token = sample_time_stamp();
  EXPECT_EQ(token.imprint, answered_request().imprint);
  EXPECT_EQ(token.time, kTimeStampTime);
  EXPECT_EQ(token.serial, "02");
  EXPECT_EQ(token.policy, "1.2.3.4.1");
  EXPECT_EQ(token.authority, "CN=tsa of the tests");
  EXPECT_EQ(parse_time_stamp_token(token.der).time, kTimeStampTime);
}

TEST(TimeStampResponse, Of_another_request_is_refused) {
  const Bytes answer = *from_hex(kTimeStampAnswer);
  TimeStampRequest other = answered_request();
  other.imprint.bytes[31] ^= 1;
  EXPECT_EQ(code_of([&] { parse_time_stamp_response(answer, other); }), ErrorCode::failed);
  other = answered_request();
  other.nonce[7] ^= 1;
  EXPECT_EQ(code_of([&] { parse_time_stamp_response(answer, other); }), ErrorCode::failed);
}

TEST(TimeStampResponse, That_is_cut_or_followed_by_more_is_refused) {
  const Bytes answer = *from_hex(kTimeStampAnswer);
  for (std::size_t size = 0; size < answer.size(); size += 7)
    EXPECT_EQ(code_of([&] { parse_time_stamp_response(ByteView(answer).first(size), answered_request()); }),
              ErrorCode::damaged)
        << size;
  Bytes longer = answer;
  longer.push_back(0);
  EXPECT_EQ(code_of([&] { parse_time_stamp_response(longer, answered_request()); }), ErrorCode::damaged);
  longer.resize(kLargestTimeStamp + 1);
  EXPECT_EQ(code_of([&] { parse_time_stamp_token(longer); }), ErrorCode::damaged);
}

TEST_F(TimeStampTrustTest, Believes_whom_a_trusted_certificate_vouches_for) {
  const TimeStampToken token = sample_time_stamp();
  EXPECT_EQ(verdict(token), TimeStampVerdict::valid);
  EXPECT_EQ(trusting(kOtherCa).verify(token, token.imprint, token.time).verdict, TimeStampVerdict::untrusted);
  EXPECT_EQ(TimeStampTrust::of_system().verify(token, token.imprint, token.time).verdict, TimeStampVerdict::untrusted);
}

TEST_F(TimeStampTrustTest, Looks_at_certificates_as_of_the_time_given) {
  const TimeStampToken token = sample_time_stamp();
  EXPECT_EQ(verdict(token, kTimeStampTime + 300 * kDay), TimeStampVerdict::valid);
  EXPECT_EQ(verdict(token, kTimeStampTime + 400 * kDay), TimeStampVerdict::expired);
  EXPECT_EQ(verdict(token, kTimeStampTime - 2 * kDay), TimeStampVerdict::expired);
}

TEST_F(TimeStampTrustTest, Refuses_a_stamp_of_something_else) {
  const TimeStampToken token = sample_time_stamp();
  Id32 other = token.imprint;
  other.bytes[0] ^= 1;
  EXPECT_EQ(trusting(kTimeStampCa).verify(token, other, token.time).verdict, TimeStampVerdict::forged);
}

// No bit of a token can be changed so that it says something else and is still valid.
TEST_F(TimeStampTrustTest, No_altered_token_that_says_something_else_is_valid) {
  const TimeStampToken token = sample_time_stamp();
  TimeStampTrust trust = trusting(kTimeStampCa);
  int understood = 0;
  for (std::size_t i = 0; i < token.der.size(); ++i) {
    Bytes der = token.der;
    der[i] ^= 1;
    try {
      const TimeStampToken altered = parse_time_stamp_token(der);
      ++understood;
      if (trust.verify(altered, token.imprint, token.time).verdict == TimeStampVerdict::valid) {
        EXPECT_EQ(altered.time, token.time) << i;
        EXPECT_EQ(altered.serial, token.serial) << i;
        EXPECT_EQ(altered.policy, token.policy) << i;
        EXPECT_EQ(altered.nonce, token.nonce) << i;
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::damaged) << i;
    }
  }
  EXPECT_GT(understood, 100);
}

TEST_F(TimeStampTrustTest, Of_a_file_without_certificates_is_refused) {
  EXPECT_EQ(code_of([&] { trusting("no certificate"); }), ErrorCode::usage);
  EXPECT_EQ(code_of([&] { TimeStampTrust::of_file(scratch_ / "absent"); }), ErrorCode::usage);
}

}  // namespace igudar
