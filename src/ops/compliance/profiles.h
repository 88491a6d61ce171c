#pragma once

#include <span>

#include "ops/compliance/control.h"

namespace igudar {

// The tables of controls, a file each.
std::span<const Control> gdpr_controls();
std::span<const Control> pci_dss_controls();

}  // namespace igudar
