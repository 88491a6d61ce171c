#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace igudar {

// A glob as gitignore(5) understands it, compiled once: "*", "?" and "[…]" do not match a slash, "**/" matches any
// number of folders (none as well), "/**" at the end all that is inside, and a run of stars elsewhere is one star.
// "[!…]" and "[^…]" negate; ranges, backslash escapes and POSIX classes ("[[:digit:]]", of ASCII) are known. A class
// without its end, an unknown POSIX class or a backslash at the end match nothing.
//
// Matching simulates the automaton of the pattern on all its states at once (Thompson 1968), so it takes at most
// pattern × text steps, whatever the pattern.
// Thread safety: const methods may be called concurrently.
class Glob {
 public:
  explicit Glob(std::string_view pattern);

  // True when the glob matches all of `text`.
  bool matches(std::string_view text) const;

 private:
  enum class Op : std::uint8_t {
    literal,
    any,          // ?
    set,          // […]
    star,         // *: again and again, but no slash
    deep,         // **: again and again
    deep_slash,   // **/ : nothing, or what deep_inside and its slash match
    deep_inside,  // always follows deep_slash
    never,
  };
  struct Token {
    Op op;
    char literal = 0;
    std::uint32_t set = 0;  // in sets_
  };
  using Set = std::bitset<256>;
  using States = std::span<std::uint64_t>;

  std::size_t parse_stars(std::string_view pattern, std::size_t at);
  std::size_t parse_set(std::string_view pattern, std::size_t at);
  void enter(States states, std::size_t state) const;
  bool step(States from, States to, char c) const;
  bool run(States now, States after, std::string_view text) const;

  std::vector<Token> tokens_;
  std::vector<Set> sets_;
};

}  // namespace igudar
