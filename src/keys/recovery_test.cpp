#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "base/error.h"
#include "crypto/random.h"
#include "keys/recovery_key.h"
#include "keys/secret_shares.h"

namespace igudar {

namespace {

using testing::HasSubstr;

constexpr std::size_t kWordsOfLine = 5;

const Id16 kRepository = Id16::from(view_of("0123456789abcdef"));

RecoveryPage page_of(const RecoveryShares& shares = {}, std::size_t index = 0) {
  std::vector<RecoveryPage> pages = recovery_pages(new_recovery_key(), kRepository, shares);
  return std::move(pages[index]);
}

std::string text_of_page(const RecoveryPage& page) {
  return std::string(text_of(recovery_text(page).view()));
}

// The words of a page, a row for each line, its number first.
std::vector<std::vector<std::string>> rows_of(const RecoveryPage& page) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text_of_page(page));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    rows.emplace_back(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>());
  }
  return rows;
}

std::string joined(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (const std::string& word : row) text += word + ' ';
    text += '\n';
  }
  return text;
}

RecoveryPage parsed(const std::string& text) {
  return parse_recovery_text(view_of(text), "the file");
}

// What parsing complains of; empty: of nothing.
std::string complaint(const std::string& text) {
  try {
    (void)parsed(text);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

std::string complaint_of(const std::vector<const RecoveryPage*>& given) {
  std::vector<RecoveryPage> pages;
  for (const RecoveryPage* page : given) pages.push_back(parsed(text_of_page(*page)));
  try {
    (void)RecoveryCredential(pages);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

// The examples of the paper, section "Examples".
TEST(RecoveryWords, are_the_proquints_of_the_paper) {
  struct {
    unsigned a, b, c, d;
    const char* words;
  } const examples[] = {
      {127, 0, 0, 1, "lusab-babad"},      {63, 84, 220, 193, "gutih-tugad"},  {63, 118, 7, 35, "gutuk-bisog"},
      {140, 98, 193, 141, "mudof-sakat"}, {64, 255, 6, 200, "haguz-biram"},   {128, 30, 52, 45, "mabiv-gibot"},
      {147, 67, 119, 2, "natag-lisaf"},   {212, 58, 253, 68, "tibup-zujah"},  {216, 35, 68, 215, "tobog-higil"},
      {216, 68, 232, 21, "todah-vobij"},  {198, 81, 129, 136, "sinid-makam"}, {12, 110, 110, 204, "budov-kuras"},
  };
  for (const auto& each : examples)
    EXPECT_EQ(proquint(static_cast<std::uint16_t>(each.a << 8 | each.b)) + "-" +
                  proquint(static_cast<std::uint16_t>(each.c << 8 | each.d)),
              each.words);
}

TEST(RecoveryWords, come_back_as_they_were_however_they_are_typed) {
  const RecoveryPage page = page_of({3, 5}, 3);
  std::string typed = "Some heading\n\n";
  for (const char letter : text_of_page(page))
    typed += letter == ' ' ? '-' : static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  for (const std::string& text : {text_of_page(page), typed + "\r\nand what follows\r\n"}) {
    const RecoveryPage back = parsed(text);
    EXPECT_EQ(back.threshold, 3);
    EXPECT_EQ(back.shares, 5);
    EXPECT_EQ(back.number, 4);
    EXPECT_EQ(back.key, page.key);
    EXPECT_EQ(back.repository, page.repository);
    EXPECT_TRUE(secret_equal(back.value.view(), page.value.view()));
  }
}

// Each of the 30 words in turn becomes many others.
TEST(RecoveryWords, any_one_wrong_word_is_noticed_in_its_line) {
  const std::vector<std::vector<std::string>> rows = rows_of(page_of());
  for (std::size_t line = 0; line < kRecoveryLines; ++line) {
    RecoveryPageReader before;
    for (std::size_t i = 0; i < line; ++i) before.add_line(joined({rows[i]}));
    for (std::size_t word = 1; word <= kWordsOfLine; ++word) {
      std::vector<std::string> wrong = rows[line];
      for (unsigned value = 0; value < 65536; value += 97) {
        wrong[word] = proquint(static_cast<std::uint16_t>(value));
        if (wrong[word] == rows[line][word]) continue;
        EXPECT_THROW(before.add_line(joined({wrong})), Error) << "line " << line + 1 << ", word " << word;
        ASSERT_EQ(before.next_line(), line + 1);
      }
    }
  }
}

TEST(RecoveryWords, words_and_lines_that_change_places_are_noticed) {
  for (int attempt = 0; attempt < 50; ++attempt) {
    const std::vector<std::vector<std::string>> rows = rows_of(page_of());
    for (std::size_t line = 0; line < kRecoveryLines; ++line)
      for (std::size_t a = 1; a < kWordsOfLine; ++a)
        for (std::size_t b = a + 1; b <= kWordsOfLine; ++b) {
          std::vector<std::vector<std::string>> swapped = rows;
          std::swap(swapped[line][a], swapped[line][b]);
          if (swapped == rows) continue;
          EXPECT_NE(complaint(joined(swapped)), "") << line << a << b;
        }
    for (std::size_t a = 0; a < kRecoveryLines; ++a)
      for (std::size_t b = a + 1; b < kRecoveryLines; ++b) {
        std::vector<std::vector<std::string>> swapped = rows;
        std::swap(swapped[a], swapped[b]);
        EXPECT_THAT(complaint(joined(swapped)), HasSubstr("not in its place")) << a << b;
        std::swap(swapped[a][0], swapped[b][0]);  // as somebody who numbers them anew
        EXPECT_NE(complaint(joined(swapped)), "") << a << b;
      }
  }
}

TEST(RecoveryWords, a_line_of_another_share_is_noticed) {
  const std::vector<RecoveryPage> pages = recovery_pages(new_recovery_key(), kRepository, {2, 3});
  const auto first = rows_of(pages[0]);
  const auto second = rows_of(pages[1]);
  for (std::size_t line = 0; line < kRecoveryLines; ++line) {
    auto mixed = first;
    mixed[line] = second[line];
    EXPECT_NE(complaint(joined(mixed)), "") << line;
  }
}

TEST(RecoveryWords, complaints_name_the_line_and_the_word_and_nothing_secret) {
  const std::vector<std::vector<std::string>> rows = rows_of(page_of());
  const std::string right = rows[3][2];

  auto wrong = rows;
  wrong[3][2] = "quark";
  EXPECT_EQ(complaint(joined(wrong)), "word 2 of line 4 is mistyped (the file)");
  wrong[3][2] = right.substr(0, 4);
  EXPECT_EQ(complaint(joined(wrong)), "word 2 of line 4 is mistyped (the file)");
  wrong[3].erase(wrong[3].begin() + 2);
  EXPECT_EQ(complaint(joined(wrong)), "line 4 has 4 words in place of 5 (the file)");
  wrong = rows;
  wrong[5].push_back("babab");
  EXPECT_EQ(complaint(joined(wrong)), "line 6 has 6 words in place of 5 (the file)");
  wrong = rows;
  wrong.pop_back();
  EXPECT_EQ(complaint(joined(wrong)), "line 6 is missing, or not in its place (the file)");
  EXPECT_EQ(complaint(""), "line 1 is missing, or not in its place (the file)");
}

TEST(RecoveryWords, a_single_wrong_letter_is_found) {
  int named = 0;
  for (int attempt = 0; attempt < 100; ++attempt) {
    auto rows = rows_of(page_of());
    rows[2][4][0] = rows[2][4][0] == 'b' ? 'd' : 'b';
    const std::string text = complaint(joined(rows));
    named += text == "word 4 of line 3 seems mistyped (the file)" ? 1 : 0;
    EXPECT_THAT(text, HasSubstr("line 3"));
  }
  EXPECT_GE(named, 90);  // one line in 250 could be mended in two words
}

TEST(SecretShares, every_set_of_as_many_as_needed_makes_the_secret_and_no_smaller_one) {
  const SecretBytes secret = new_recovery_key();
  for (unsigned count = 2; count <= 6; ++count)
    for (unsigned threshold = 2; threshold <= count; ++threshold) {
      const std::vector<SecretShare> shares = split_secret(secret, threshold, count);
      ASSERT_EQ(shares.size(), count);
      for (unsigned chosen = 1; chosen < 1U << count; ++chosen) {
        std::vector<SecretShare> some;
        for (unsigned i = 0; i < count; ++i)
          if ((chosen >> i & 1) != 0) some.push_back({shares[i].number, shares[i].value.clone()});
        EXPECT_EQ(secret_equal(join_shares(some).view(), secret.view()), some.size() >= threshold)
            << threshold << " of " << count << ", set " << chosen;
      }
    }
}

TEST(SecretShares, are_drawn_anew_each_time) {
  const SecretBytes secret = new_recovery_key();
  EXPECT_FALSE(secret_equal(split_secret(secret, 2, 2)[0].value.view(), split_secret(secret, 2, 2)[0].value.view()));
}

TEST(RecoveryKey, opens_what_was_locked_for_it) {
  const SecretBytes key = new_recovery_key();
  const RecoveryCredential credential(recovery_pages(key, kRepository, {}));
  const LockedSlotKey locked = RecoveryRecipient(key.clone(), {}).lock_new_key();
  ASSERT_TRUE(credential.fits(locked.recipient));
  EXPECT_TRUE(secret_equal(credential.slot_key(locked.recipient)->view(), locked.slot_key.view()));
  EXPECT_FALSE(credential.fits(RecoveryRecipient(new_recovery_key(), {}).lock_new_key().recipient));
  const LockedSlotKey again = RecoveryRecipient(key.clone(), {}).lock_new_key();
  EXPECT_FALSE(secret_equal(again.slot_key.view(), locked.slot_key.view()));
  EXPECT_TRUE(credential.is_for_repository(kRepository));
  EXPECT_FALSE(credential.is_for_repository(random_id<16>()));
}

TEST(RecoveryKey, says_what_is_wrong_with_shares) {
  const SecretBytes key = new_recovery_key();
  const std::vector<RecoveryPage> pages = recovery_pages(key, kRepository, {3, 4});
  const std::vector<RecoveryPage> others = recovery_pages(new_recovery_key(), kRepository, {3, 4});
  const std::vector<RecoveryPage> again = recovery_pages(key, kRepository, {3, 4});
  RecoveryPage wrong = parsed(text_of_page(pages[2]));
  wrong.value.span()[0] ^= 1;

  EXPECT_EQ(complaint_of({&pages[3], &pages[0], &pages[2]}), "");
  EXPECT_EQ(complaint_of({&pages[0], &pages[1], &pages[2], &pages[3]}), "");
  EXPECT_THAT(complaint_of({&pages[0], &pages[1]}), HasSubstr("it takes 3 shares"));
  EXPECT_THAT(complaint_of({&pages[0], &pages[1], &pages[1]}), HasSubstr("here is 2"));
  EXPECT_THAT(complaint_of({&pages[0], &others[1], &pages[2]}), HasSubstr("different recovery keys"));
  EXPECT_THAT(complaint_of({&pages[0], &pages[1], &again[1]}), HasSubstr("two different pages with the number 2"));
  EXPECT_THAT(complaint_of({&pages[0], &pages[1], &again[2]}), HasSubstr("do not make the recovery key"));
  EXPECT_THAT(complaint_of({&pages[0], &pages[1], &wrong}), HasSubstr("do not make the recovery key"));
  EXPECT_THAT(complaint_of({&pages[0], &pages[1], &pages[2], &wrong}), HasSubstr("number 3"));
}

TEST(RecoveryKey, refuses_numbers_of_shares_that_make_no_sense) {
  const SecretBytes key = new_recovery_key();
  for (const RecoveryShares shares : {RecoveryShares{1, 2}, {3, 2}, {0, 0}, {2, 256}, {2, 1}})
    EXPECT_THROW((void)recovery_pages(key, kRepository, shares), Error) << shares.threshold << shares.shares;
}

}  // namespace igudar
