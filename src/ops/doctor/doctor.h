#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "repo/repository.h"

namespace igudar {

// Whether a repository keeps the rules that its key holders agreed on (ops/repository_policy.h), and what is unwise
// though no rule forbids it. Reads key slots, epochs and the registry; nothing is changed.

enum class DoctorVerdict {
  kept,     // the rule is kept
  not_set,  // no such rule is set
  advice,   // no rule is broken, but it is unwise
  broken    // a rule is not kept
};
struct DoctorFinding {
  std::string rule;  // its name; empty of advice beside the rules
  DoctorVerdict verdict = DoctorVerdict::kept;
  std::string object;  // "keys/1f3a…" where it is about one
  std::string text;
};
// One finding at least for each rule that it checks, in the order of the table of rules, then advice.
std::vector<DoctorFinding> examine(const Repository& repository, std::stop_token stop);

}  // namespace igudar
