#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "format/key_slot.h"

namespace igudar {

// Recovery keys on paper: six numbered lines of words that can be read aloud and typed in (docs/format.md section 17).
//
// Each 16 bits are a word of five letters, as proquints are (Wilkerson, "A Proposal for Proquints: Identifiers that are
// Readable, Spellable, and Pronounceable", arXiv:0901.4016, 2009): no list of words, and no language. The fifth word
// of a line is a CRC-16 whose polynomial is irreducible, so that these are always noticed, not just nearly always: one
// wrong word, two words of a line that changed places, a line in another's place, a line of another share of the key.
//
// Thread safety: none. Errors: usage, naming the line and the word by their places, never by what they say.

// One page: a whole key, or one of several shares of it.
struct RecoveryPage {
  std::uint8_t threshold = 1;  // how many pages it takes
  std::uint8_t shares = 1;     // how many there are
  std::uint8_t number = 1;     // which one this is, from 1
  FixedId<4> repository;       // the beginning of the repository's id
  KeyFingerprint key;          // of the whole key
  SecretBytes value;           // 32 bytes: the key, or the share
};

constexpr std::size_t kRecoveryLines = 6;

// "babab".
std::string proquint(std::uint16_t value);

// The lines of words of a page, each with its number: "1  babab babab babab babab  babab\n".
SecretBytes recovery_text(const RecoveryPage& page);

// Takes the lines of a page one by one, as people type them.
class RecoveryPageReader {
 public:
  // The number of the line that is missing next; beyond kRecoveryLines: none is.
  std::size_t next_line() const { return next_; }
  bool complete() const { return next_ > kRecoveryLines; }
  // Takes this line, with its number or without, in either case, with blanks or hyphens between the words. After an
  // error the same line is missing still. Also throws unsupported for a page of a newer program.
  void add_line(std::string_view line);
  // What complete() was said of.
  RecoveryPage take() { return std::move(page_); }

 private:
  static constexpr std::size_t kWords = 4;
  static constexpr std::size_t kLineBytes = 8;

  void keep(ByteView line);

  std::size_t next_ = 1;
  SecretBytes read_ = SecretBytes(kRecoveryLines * kLineBytes);
  RecoveryPage page_;
};

// The page in a text, of which only the lines that begin with a number matter. `name` is the file's.
RecoveryPage parse_recovery_text(ByteView text, const std::string& name);

}  // namespace igudar
