#pragma once

#include <string>

#include "cli/json_fields.h"
#include "ops/consents.h"
#include "ops/personal_sources.h"

namespace igudar {

// Consents and tagged sources as text. Pure functions; `now` is the storage's clock.

// "valid", "withdrawn", …: for programs, and to be translated for people.
const char* consent_state_name(ConsentState state);
// "valid, from 2026-11-21 08:00:00 until 2027-01-01 00:00:00".
std::string consent_state_text(const Consent& consent, TimeNs now);

Json consent_json(const Consent& consent, TimeNs now);
Json personal_source_json(const PersonalSource& source);

}  // namespace igudar
