#include "format/consent_body.h"

#include <gmock/gmock.h>

#include "format/format_testing.h"

namespace igudar {

namespace {

using testing::counted_id;
using testing::hex;
using testing::refuses;

TEST(ConsentBody, gives_back_what_it_was_given) {
  const ConsentBody whole{{"customers", "health"}, LegalBasis::contract, -1, 1'800'000'000'000'000'000, true};
  EXPECT_EQ(decode_consent(encode_consent(whole)), whole);
  const ConsentBody least{{"a"}, LegalBasis::consent, 5, {}, false};
  EXPECT_EQ(decode_consent(encode_consent(least)), least);
  const ConsentDetails details{"all customers", "support", "binder 4, page 2", "amina@web1", "asked for it"};
  EXPECT_EQ(decode_consent_details(encode_consent_details(details)), details);
}

// As docs/format.md section 20 has it.
TEST(ConsentBody, is_laid_out_as_the_format_says) {
  EXPECT_EQ(encode_consent({{"ab"}, LegalBasis::legitimate_interests, 1, 2, true}),
            hex("01 02 6162  02 01 06  03 08 0100000000000000  04 08 0200000000000000  05 01 01"));
  EXPECT_EQ(encode_consent_details({"s", "p", "d", "u@h", "r"}),
            hex("01 01 73 02 01 70 03 01 64 04 03 754068 05 01 72"));
  EXPECT_EQ(
      encode_personal_source({{"ab"}, counted_id<16>(1), {counted_id<16>(2)}, true}),
      hex("01 02 6162  02 10 0102030405060708090a0b0c0d0e0f10  03 10 02030405060708090a0b0c0d0e0f1011  04 01 01"));
  EXPECT_EQ(encode_personal_source_details({"/p", "h", "u"}), hex("01 02 2f70 02 01 68 03 01 75"));
  EXPECT_EQ(encode_processing_name("dpo"), hex("01 03 64706f"));
}

TEST(ConsentBody, keeps_a_basis_that_it_does_not_know) {
  const Bytes record = hex("01 01 61 02 01 63 03 08 0000000000000000");
  EXPECT_EQ(static_cast<int>(decode_consent(record).basis), 0x63);
}

TEST(ConsentBody, refuses_what_lacks_a_part) {
  const auto consent = [](ByteView record) { (void)decode_consent(record); };
  EXPECT_TRUE(refuses(consent, hex("01 01 61 03 08 0000000000000000")));             // no basis
  EXPECT_TRUE(refuses(consent, hex("01 01 61 02 01 01")));                           // no beginning
  EXPECT_TRUE(refuses(consent, hex("01 01 61 02 02 0101 03 08 0000000000000000")));  // a basis of two bytes
  const auto source = [](ByteView record) { (void)decode_personal_source(record); };
  EXPECT_TRUE(refuses(source, hex("01 01 61")));             // no place
  EXPECT_TRUE(refuses(source, hex("01 01 61 02 02 0102")));  // a short one
  EXPECT_TRUE(refuses(source, hex("02 10 0102030405060708090a0b0c0d0e0f10 03 01 00")));
  EXPECT_TRUE(refuses([](ByteView record) { (void)decode_consent_details(record); }, hex("01 01 61")));
  EXPECT_TRUE(refuses([](ByteView record) { (void)decode_personal_source_details(record); }, hex("")));
  EXPECT_TRUE(refuses([](ByteView record) { (void)decode_processing_name(record); }, hex("")));
}

TEST(ConsentBody, places_differ_by_key_host_and_path) {
  const Id32 key = counted_id<32>(1);
  const PlaceKey place = place_key(key.view(), "web1", "/srv");
  EXPECT_EQ(place_key(key.view(), "web1", "/srv"), place);
  EXPECT_NE(place_key(key.view(), "web2", "/srv"), place);
  EXPECT_NE(place_key(key.view(), "", "web1/srv"), place);
  EXPECT_NE(place_key(counted_id<32>(2).view(), "web1", "/srv"), place);
}

}  // namespace

}  // namespace igudar
