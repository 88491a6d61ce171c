#include "ops/compliance/profiles.h"

#include <array>

namespace igudar {

const ComplianceProfile* find_profile(std::string_view name) {
  static const std::array kProfiles = {ComplianceProfile{"gdpr", "GDPR", gdpr_controls()},
                                       ComplianceProfile{"pci-dss", "PCI DSS 4.0", pci_dss_controls()}};
  for (const ComplianceProfile& profile : kProfiles)
    if (name == profile.name) return &profile;
  return nullptr;
}

}  // namespace igudar
