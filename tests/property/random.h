#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace igudar::testing {

// Choices that are the same for equal seeds, whatever the standard library. Not thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // 0 to bound-1.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <typename T>
  T of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(below(list.size()))];
  }
  // One of a list of structs, each as often as its `weight` has it.
  template <typename Choice>
  const Choice& weighed(const std::vector<Choice>& choices) {
    std::uint64_t total = 0;
    for (const Choice& choice : choices) total += choice.weight;
    std::uint64_t chosen = below(total);
    auto choice = choices.begin();
    for (; chosen >= choice->weight; ++choice) chosen -= choice->weight;
    return *choice;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace igudar::testing
