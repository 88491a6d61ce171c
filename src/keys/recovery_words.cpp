#include "keys/recovery_words.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kWordsOfLine = 5;  // with the checksum
constexpr std::size_t kBytesOfLine = 8;
constexpr std::size_t kLetters = 5;
constexpr std::size_t kTextOfLine = 34;
constexpr std::string_view kConsonants = "bdfghjklmnprstvz";
constexpr std::string_view kVowels = "aiou";

using Word = std::array<char, kLetters>;
using Words = std::array<std::uint16_t, kWordsOfLine>;

std::string_view alphabet(std::size_t letter) {
  return letter % 2 == 0 ? kConsonants : kVowels;
}

Word word_of(std::uint16_t value) {
  return {kConsonants[value >> 12], kVowels[value >> 10 & 3], kConsonants[value >> 6 & 15], kVowels[value >> 4 & 3],
          kConsonants[value & 15]};
}

std::optional<std::uint16_t> value_of(std::string_view word) {
  if (word.size() != kLetters) return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = 0; i < kLetters; ++i) {
    const char letter = static_cast<char>(std::tolower(static_cast<unsigned char>(word[i])));
    const std::size_t found = alphabet(i).find(letter);
    if (found == std::string_view::npos) return std::nullopt;
    value = value << (i % 2 == 0 ? 4 : 2) | static_cast<unsigned>(found);
  }
  return static_cast<std::uint16_t>(value);
}

// CRC-16, polynomial x^16 + x^12 + x^3 + x + 1, which is primitive; the first value 0, nothing reflected or inverted.
std::uint16_t crc(std::uint16_t before, std::uint16_t word) {
  unsigned value = before ^ word;
  for (int bit = 0; bit < 16; ++bit) value = (value & 0x8000) != 0 ? value << 1 ^ 0x1100b : value << 1;
  return static_cast<std::uint16_t>(value);
}

std::uint16_t word_at(ByteView bytes, std::size_t index) {
  return static_cast<std::uint16_t>(bytes[2 * index] << 8 | bytes[2 * index + 1]);
}

// What the checksum of line `number` begins with: the number, and the lines that say whose the page is, which `page`
// begins with.
std::uint16_t checksum_of_place(std::size_t number, ByteView page) {
  std::uint16_t sum = crc(0, static_cast<std::uint16_t>(number));
  const std::size_t named = std::min<std::size_t>(number - 1, 2) * kBytesOfLine;
  for (std::size_t i = 0; 2 * i < named; ++i) sum = crc(sum, word_at(page, i));
  return sum;
}

bool checksum_fits(std::uint16_t of_place, const Words& words) {
  std::uint16_t sum = of_place;
  for (const std::uint16_t word : words) sum = crc(sum, word);
  return sum == 0;
}

std::vector<std::string_view> split_words(std::string_view line) {
  std::vector<std::string_view> words;
  constexpr std::string_view kBetween = " \t-\r\n";
  for (std::size_t begin = 0; (begin = line.find_first_not_of(kBetween, begin)) != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBetween, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

// Whether another letter somewhere in this word would make the line fit.
bool one_letter_mends(std::uint16_t of_place, Words words, std::size_t index) {
  const Word typed = word_of(words[index]);
  for (std::size_t i = 0; i < kLetters; ++i) {
    Word other = typed;
    for (const char letter : alphabet(i)) {
      other[i] = letter;
      words[index] = *value_of({other.data(), other.size()});
      if (other != typed && checksum_fits(of_place, words)) return true;
    }
  }
  return false;
}

[[noreturn]] void fail_word(std::size_t line, std::size_t word) {
  throw Error(
      ErrorCode::usage, trf("word {} of line {} is mistyped", word, line),
      tr("Each word has five letters: a consonant, a vowel (a, i, o or u), a consonant, a vowel, a consonant."));
}

[[noreturn]] void fail_line(std::size_t line, std::uint16_t of_place, const Words& words) {
  std::vector<std::size_t> mendable;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (one_letter_mends(of_place, words, i)) mendable.push_back(i + 1);
  if (mendable.size() == 1)
    throw Error(ErrorCode::usage, trf("word {} of line {} seems mistyped", mendable.front(), line),
                tr("The line does not fit its last word, and a single letter there would make it fit."));
  throw Error(ErrorCode::usage, trf("line {} does not fit its last word", line),
              tr("One of its words is mistyped, or the line is of another page."));
}

Words parse_words(std::size_t line, std::string_view text) {
  std::vector<std::string_view> typed = split_words(text);
  // The number that the line has on paper.
  if (!typed.empty() && typed.front().size() <= 2 && std::isdigit(static_cast<unsigned char>(typed.front()[0])) != 0) {
    if (typed.front() != std::to_string(line))
      throw Error(ErrorCode::usage, trf("line {} is missing, or not in its place", line));
    typed.erase(typed.begin());
  }
  Words words{};
  for (std::size_t i = 0; i < std::min(typed.size(), words.size()); ++i) {
    const std::optional<std::uint16_t> value = value_of(typed[i]);
    if (!value) fail_word(line, i + 1);
    words[i] = *value;
  }
  if (typed.size() != words.size())
    throw Error(ErrorCode::usage, trf("line {} has {} words in place of {}", line, typed.size(), words.size()));
  return words;
}

}  // namespace

std::string proquint(std::uint16_t value) {
  const Word word = word_of(value);
  return {word.begin(), word.end()};
}

SecretBytes recovery_text(const RecoveryPage& page) {
  SecretBytes bytes(kRecoveryLines * kBytesOfLine);
  std::uint8_t* to = bytes.span().data();
  for (const std::uint8_t value : {kVersion, page.threshold, page.shares, page.number}) *to++ = value;
  to = std::copy(page.repository.bytes.begin(), page.repository.bytes.end(), to);
  to = std::copy(page.key.bytes.begin(), page.key.bytes.end(), to);
  std::copy(page.value.view().begin(), page.value.view().end(), to);

  SecretBytes text(kRecoveryLines * kTextOfLine);
  to = text.span().data();
  const auto put = [&to](const Word& word) { to = std::copy(word.begin(), word.end(), to); };
  for (std::size_t line = 1; line <= kRecoveryLines; ++line) {
    std::uint16_t sum = checksum_of_place(line, bytes.view());
    *to++ = static_cast<std::uint8_t>('0' + line);
    *to++ = ' ';
    for (std::size_t i = 0; i + 1 < kWordsOfLine; ++i) {
      const std::uint16_t word = word_at(bytes.view(), (line - 1) * (kWordsOfLine - 1) + i);
      sum = crc(sum, word);
      *to++ = ' ';
      put(word_of(word));
    }
    *to++ = ' ';
    *to++ = ' ';
    put(word_of(sum));
    *to++ = '\n';
  }
  return text;
}

void RecoveryPageReader::add_line(std::string_view line) {
  const Words words = parse_words(next_, line);
  const std::uint16_t of_place = checksum_of_place(next_, read_.view());
  if (!checksum_fits(of_place, words)) fail_line(next_, of_place, words);
  SecretBytes bytes(kLineBytes);
  for (std::size_t i = 0; i < kWords; ++i) {
    bytes.span()[2 * i] = static_cast<std::uint8_t>(words[i] >> 8);
    bytes.span()[2 * i + 1] = static_cast<std::uint8_t>(words[i]);
  }
  keep(bytes.view());
}

void RecoveryPageReader::keep(ByteView line) {
  if (next_ == 1) {
    if (line[0] != kVersion)
      throw Error(ErrorCode::unsupported, tr("this recovery key is of a newer kind"), tr("Use a newer igudar."));
    page_.threshold = line[1];
    page_.shares = line[2];
    page_.number = line[3];
    const bool whole = page_.threshold == 1 && page_.shares == 1;
    if ((!whole && page_.threshold < 2) || page_.threshold > page_.shares || page_.number < 1 ||
        page_.number > page_.shares)
      throw Error(ErrorCode::usage, tr("this is no page of a recovery key"));
    page_.repository = FixedId<4>::from(line.subspan(4));
  }
  if (next_ == 2) page_.key = KeyFingerprint::from(line);
  std::copy(line.begin(), line.end(), read_.span().data() + (next_ - 1) * kLineBytes);
  if (++next_ > kRecoveryLines) page_.value = SecretBytes(read_.view().subspan(2 * kLineBytes));
}

RecoveryPage parse_recovery_text(ByteView text, const std::string& name) {
  RecoveryPageReader reader;
  std::string_view rest = text_of(text);
  try {
    if (rest.starts_with("%PDF") || rest.starts_with("\x89PNG"))
      throw Error(ErrorCode::usage, tr("this is a page to look at, not a text"),
                  tr("Read its QR code with a telephone or 'zbarimg --raw -q', or type its lines into a text file."));
    while (!rest.empty() && !reader.complete()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      const std::size_t first = line.find_first_not_of(" \t");
      if (first != std::string_view::npos && std::isdigit(static_cast<unsigned char>(line[first])) != 0)
        reader.add_line(line);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (!reader.complete())
      throw Error(ErrorCode::usage, trf("line {} is missing, or not in its place", reader.next_line()),
                  tr("A recovery key is six numbered lines of words."));
  } catch (Error& error) {
    error.with_context(name);
    throw;
  }
  return reader.take();
}

}  // namespace igudar
