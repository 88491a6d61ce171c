#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/compliance/evidence.h"

namespace igudar {

// The controls of a profile: rules of a law or a standard that a backup repository has a part in. Pure functions of the
// evidence. What no program can judge does not apply, and says what a person has to look at.

enum class ControlVerdict : std::uint8_t { pass, fail, not_applicable };

struct Judgement {
  ControlVerdict verdict = ControlVerdict::not_applicable;
  std::string why;                         // translated
  std::vector<std::string> evidence = {};  // translated: objects, counts, dates
};

struct Control {
  const char* id;     // "32(1)(a)", "10.5.1"
  const char* title;  // marked for the catalogue
  Judgement (*judge)(const ComplianceEvidence& evidence);
};

struct ComplianceProfile {
  const char* name;   // "gdpr"
  const char* title;  // "GDPR": not translated
  std::span<const Control> controls;
};
// nullptr for one that this program does not know.
const ComplianceProfile* find_profile(std::string_view name);

}  // namespace igudar
