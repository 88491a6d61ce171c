#pragma once

#include <string>
#include <vector>

#include "cli/json_fields.h"
#include "cli/report_document.h"
#include "ops/privacy/privacy_report.h"

namespace igudar {

// The record of processing in its forms. Pure functions.

// A place that was named as a copy of the repository.
struct NamedCopy {
  std::string location;
  std::string problem = {};  // why it is none, or could not be looked at; empty: it is one
};

Report privacy_document(const PrivacyReport& report, const std::vector<NamedCopy>& copies);
// A title line, and a line for each domain.
std::string privacy_csv(const PrivacyReport& report, const std::vector<NamedCopy>& copies);
Json privacy_json(const PrivacyReport& report, const std::vector<NamedCopy>& copies);

}  // namespace igudar
