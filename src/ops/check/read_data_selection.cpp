#include "ops/check/read_data_selection.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <random>

#include "crypto/hash.h"
#include "crypto/random.h"

namespace igudar {

namespace {

template <typename Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<ReadDataSelection> parse_percent(std::string_view text) {
  const std::optional<double> percent = parse_whole<double>(text);
  if (!percent || !std::isfinite(*percent) || *percent <= 0 || *percent > 100) return std::nullopt;
  return ReadDataSelection{.kind = ReadDataSelection::Kind::percent, .percent = *percent};
}

std::optional<ReadDataSelection> parse_part(std::string_view part_text, std::string_view parts_text) {
  const auto part = parse_whole<std::uint32_t>(part_text);
  const auto parts = parse_whole<std::uint32_t>(parts_text);
  if (!part || !parts || *part < 1 || *part > *parts) return std::nullopt;
  return ReadDataSelection{.kind = ReadDataSelection::Kind::part, .part = *part, .parts = *parts};
}

std::optional<ReadDataSelection> parse_bytes(std::string_view text) {
  constexpr std::string_view kUnits = "kmgt";
  unsigned shift = 0;
  if (!text.empty()) {
    const auto letter = static_cast<char>(text.back() | 0x20);
    if (const std::size_t unit = kUnits.find(letter); unit != std::string_view::npos) {
      shift = 10 * (static_cast<unsigned>(unit) + 1);
      text.remove_suffix(1);
    }
  }
  const auto count = parse_whole<std::uint64_t>(text);
  if (!count || *count == 0 || *count > (~std::uint64_t{0} >> shift)) return std::nullopt;
  return ReadDataSelection{.kind = ReadDataSelection::Kind::bytes, .bytes = *count << shift};
}

std::set<PackName> oldest(const std::map<PackName, std::uint64_t>& packs, const std::map<PackName, TimeNs>& last_read,
                          std::uint64_t bytes) {
  struct Candidate {
    TimeNs read;
    std::uint64_t chance;
    PackName name;
    std::uint64_t size;
  };
  std::mt19937_64 random(random_id<8>().prefix());
  std::vector<Candidate> order;
  for (const auto& [name, size] : packs) {
    const auto read = last_read.find(name);
    order.push_back({read == last_read.end() ? 0 : read->second, random(), name, size});
  }
  std::sort(order.begin(), order.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.read, a.chance) < std::tie(b.read, b.chance);
  });
  std::set<PackName> chosen;
  for (const Candidate& candidate : order) {
    chosen.insert(candidate.name);
    if (candidate.size >= bytes) break;
    bytes -= candidate.size;
  }
  return chosen;
}

}  // namespace

std::optional<ReadDataSelection> parse_read_data_subset(const std::string& text) {
  const std::string_view view = text;
  if (view.ends_with('%')) return parse_percent(view.substr(0, view.size() - 1));
  if (const std::size_t slash = view.find('/'); slash != std::string_view::npos)
    return parse_part(view.substr(0, slash), view.substr(slash + 1));
  return parse_bytes(view);
}

std::set<PackName> select_packs(const ReadDataSelection& selection, const std::map<PackName, std::uint64_t>& packs,
                                const std::map<PackName, TimeNs>& last_read) {
  using Kind = ReadDataSelection::Kind;
  std::set<PackName> chosen;
  std::uint64_t total = 0;
  for (const auto& [name, size] : packs) {
    total += size;
    if (selection.kind == Kind::all ||
        (selection.kind == Kind::part && sha256(name.view()).prefix() % selection.parts == selection.part - 1))
      chosen.insert(name);
  }
  if (selection.kind == Kind::bytes) return oldest(packs, last_read, selection.bytes);
  if (selection.kind == Kind::percent)
    return oldest(packs, last_read,
                  static_cast<std::uint64_t>(std::ceil(static_cast<double>(total) * selection.percent / 100)));
  return chosen;
}

}  // namespace igudar
