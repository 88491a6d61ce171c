#include "fs/glob.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

namespace igudar {

namespace {

unsigned byte_of(char c) {
  return static_cast<unsigned char>(c);
}

bool is_punctuation(unsigned c) {
  return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
}

// The POSIX classes as git knows them: of ASCII, and white space without \v and \f.
std::optional<bool> in_class(std::string_view name, unsigned c) {
  const bool lower = c >= 'a' && c <= 'z';
  const bool upper = c >= 'A' && c <= 'Z';
  const bool digit = c >= '0' && c <= '9';
  const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
  const bool print = c >= 0x20 && c <= 0x7e;
  if (name == "alnum") return lower || upper || digit;
  if (name == "alpha") return lower || upper;
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "cntrl") return c < 0x20 || c == 0x7f;
  if (name == "digit") return digit;
  if (name == "graph") return print && !space;
  if (name == "lower") return lower;
  if (name == "print") return print;
  if (name == "punct") return is_punctuation(c);
  if (name == "space") return space;
  if (name == "upper") return upper;
  if (name == "xdigit") return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  return std::nullopt;
}

// Reads what stands between the brackets of a set.
class SetParser {
 public:
  SetParser(std::string_view pattern, std::size_t at) : pattern_(pattern), at_(at) {}

  // nullopt when it is malformed; else at() is behind the closing bracket.
  std::optional<std::bitset<256>> parse() {
    const bool negated = peek() == '!' || peek() == '^';
    if (negated) ++at_;
    for (bool first = true;; first = false) {
      if (at_ >= pattern_.size()) return std::nullopt;
      if (pattern_[at_] == ']' && !first) break;
      if (!parse_member()) return std::nullopt;
    }
    ++at_;
    if (negated) set_.flip();
    set_.reset(byte_of('/'));
    return set_;
  }

  std::size_t at() const { return at_; }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0'; }

  bool parse_member() {
    if (peek() == '-' && previous_ && peek(1) != '\0' && peek(1) != ']') return parse_range();
    if (peek() == '[' && peek(1) == ':') return parse_class();
    if (peek() == '\\' && ++at_ >= pattern_.size()) return false;
    set_.set(byte_of(peek()));
    previous_ = peek();
    ++at_;
    return true;
  }

  bool parse_range() {
    ++at_;
    if (peek() == '\\' && ++at_ >= pattern_.size()) return false;
    for (unsigned c = byte_of(*previous_); c <= byte_of(peek()); ++c) set_.set(c);
    previous_.reset();
    ++at_;
    return true;
  }

  bool parse_class() {
    const std::size_t begin = at_ + 2;
    const std::size_t end = pattern_.find(']', begin);
    if (end == std::string_view::npos) return false;
    if (end == begin || pattern_[end - 1] != ':') {  // no class: the bracket stands for itself
      set_.set(byte_of('['));
      previous_ = '[';
      ++at_;
      return true;
    }
    const std::string_view name = pattern_.substr(begin, end - 1 - begin);
    for (unsigned c = 0; c < 256; ++c) {
      const std::optional<bool> member = in_class(name, c);
      if (!member) return false;
      if (*member) set_.set(c);
    }
    previous_.reset();
    at_ = end + 1;
    return true;
  }

  const std::string_view pattern_;
  std::size_t at_;
  std::optional<char> previous_;  // what a "-" would begin its range with
  std::bitset<256> set_;
};

}  // namespace

Glob::Glob(std::string_view pattern) {
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '*') {
      at = parse_stars(pattern, at);
    } else if (c == '[') {
      at = parse_set(pattern, at + 1);
    } else if (c == '?') {
      tokens_.push_back({.op = Op::any});
      ++at;
    } else if (c == '\\' && at + 1 == pattern.size()) {
      tokens_.push_back({.op = Op::never});
      ++at;
    } else {
      if (c == '\\') ++at;
      tokens_.push_back({.op = Op::literal, .literal = pattern[at]});
      ++at;
    }
  }
}

std::size_t Glob::parse_stars(std::string_view pattern, std::size_t at) {
  const std::size_t end = std::min(pattern.find_first_not_of('*', at), pattern.size());
  const std::string_view rest = pattern.substr(end);
  const bool begins_component = at == 0 || pattern[at - 1] == '/';
  const bool ends_component = rest.empty() || rest.starts_with('/') || rest.starts_with("\\/");
  if (end - at < 2 || !begins_component || !ends_component) {
    tokens_.push_back({.op = Op::star});
    return end;
  }
  if (!rest.starts_with('/')) {
    tokens_.push_back({.op = Op::deep});
    return end;
  }
  tokens_.push_back({.op = Op::deep_slash});
  tokens_.push_back({.op = Op::deep_inside});
  return end + 1;
}

std::size_t Glob::parse_set(std::string_view pattern, std::size_t at) {
  SetParser parser(pattern, at);
  const std::optional<Set> set = parser.parse();
  if (!set) {
    tokens_.push_back({.op = Op::never});
    return pattern.size();
  }
  tokens_.push_back({.op = Op::set, .set = static_cast<std::uint32_t>(sets_.size())});
  sets_.push_back(*set);
  return parser.at();
}

bool Glob::matches(std::string_view text) const {
  const std::size_t words = tokens_.size() / 64 + 1;
  std::array<std::uint64_t, 8> small{};
  if (words * 2 <= small.size()) return run({small.data(), words}, {small.data() + words, words}, text);
  std::vector<std::uint64_t> large(words * 2);
  return run({large.data(), words}, {large.data() + words, words}, text);
}

bool Glob::run(States now, States after, std::string_view text) const {
  enter(now, 0);
  for (const char c : text) {
    std::fill(after.begin(), after.end(), 0);
    if (!step(now, after, c)) return false;
    std::swap(now, after);
  }
  return (now[tokens_.size() / 64] >> (tokens_.size() % 64) & 1) != 0;
}

// Adds a state and those that are reached from it without a byte.
void Glob::enter(States states, std::size_t state) const {
  for (;;) {
    states[state / 64] |= std::uint64_t{1} << (state % 64);
    if (state == tokens_.size()) return;
    const Op op = tokens_[state].op;
    if (op == Op::deep_slash) {
      states[(state + 1) / 64] |= std::uint64_t{1} << ((state + 1) % 64);
      state += 2;
    } else if (op == Op::star || op == Op::deep) {
      ++state;
    } else {
      return;
    }
  }
}

// False when no state is left.
bool Glob::step(States from, States to, char c) const {
  bool any = false;
  const auto go = [&](std::size_t state) {
    enter(to, state);
    any = true;
  };
  for (std::size_t word = 0; word < from.size(); ++word) {
    for (std::uint64_t bits = from[word]; bits != 0; bits &= bits - 1) {
      const std::size_t state = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
      if (state == tokens_.size()) continue;
      const Token& token = tokens_[state];
      if (token.op == Op::literal && token.literal == c) go(state + 1);
      if (token.op == Op::any && c != '/') go(state + 1);
      if (token.op == Op::set && sets_[token.set].test(byte_of(c))) go(state + 1);
      if (token.op == Op::star && c != '/') go(state);
      if (token.op == Op::deep || token.op == Op::deep_inside) go(state);
      if (token.op == Op::deep_inside && c == '/') go(state + 1);
    }
  }
  return any;
}

}  // namespace igudar
