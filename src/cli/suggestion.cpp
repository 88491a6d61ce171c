#include "cli/suggestion.h"

#include <algorithm>

#include "base/translate.h"

namespace igudar {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

std::optional<std::string> nearest(const std::string& word, const std::vector<std::string>& names) {
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& name : names) {
    const std::size_t distance = edit_distance(word.substr(0, 64), name);
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = name;
  }
  if (best || word.find_first_not_of('-') == std::string::npos) return best;
  const auto begun =
      std::find_if(names.begin(), names.end(), [&](const std::string& name) { return name.starts_with(word); });
  return begun == names.end() ? std::nullopt : std::optional(*begun);
}

std::string hint_for(const std::string& word, const std::vector<std::string>& names, std::string otherwise) {
  const std::optional<std::string> near = nearest(word, names);
  return near ? trf("Did you mean '{}'?", *near) : std::move(otherwise);
}

}  // namespace igudar
