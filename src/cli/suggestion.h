#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igudar {

// How many insertions, removals, replacements and swaps of neighbours turn one word into the other (optimal string
// alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The name most like `word`, or one that `word` begins; nullopt when none is near enough to be what was meant.
std::optional<std::string> nearest(const std::string& word, const std::vector<std::string>& names);
// What to say to who wrote a word that is none of the names: the nearest one, or else `otherwise`.
std::string hint_for(const std::string& word, const std::vector<std::string>& names, std::string otherwise);

}  // namespace igudar
