#include "cli/consent_text.h"

#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/translate.h"

namespace igudar {

const char* consent_state_name(ConsentState state) {
  switch (state) {
    case ConsentState::valid:
      return N_("valid");
    case ConsentState::not_begun:
      return N_("not begun");
    case ConsentState::expired:
      return N_("expired");
    case ConsentState::withdrawn:
      return N_("withdrawn");
    case ConsentState::unsupported:
      break;
  }
  return N_("of a newer igudar");
}

std::string consent_state_text(const Consent& consent, TimeNs now) {
  std::string text = tr(consent_state_name(state_of(consent, now)));
  text += trf(", from {}", format_local_time(consent.body.given));
  if (consent.body.until) text += trf(" until {}", format_local_time(*consent.body.until));
  if (consent.withdrawal) text += trf("; withdrawn on {}", format_local_time(consent.withdrawal->time));
  return text;
}

Json consent_json(const Consent& consent, TimeNs now) {
  const std::optional<TimeNs>& until = consent.body.until;
  Json object = {{"id", to_hex(consent.id.view())},
                 {"state", consent_state_name(state_of(consent, now))},
                 {"categories", json_texts(consent.body.categories)},
                 {"basis", legal_basis_name(consent.body.basis)},
                 {"given", json_time(consent.body.given)},
                 {"until", until ? Json(json_time(*until)) : Json()},
                 {"recorded", json_time(consent.recorded)},
                 {"signer", to_hex(consent.signer.view())}};
  if (consent.details) {
    object["recorded_by"] = json_text(consent.details->recorded_by);
    object["subject"] = json_text(consent.details->subject);
    object["purpose"] = json_text(consent.details->purpose);
    object["document"] = json_text(consent.details->document);
  }
  object["withdrawn"] = consent.withdrawal ? Json{{"time", json_time(consent.withdrawal->time)},
                                                  {"signer", to_hex(consent.withdrawal->signer.view())},
                                                  {"reason", json_text(consent.withdrawal->reason)}}
                                           : Json();
  return object;
}

Json personal_source_json(const PersonalSource& source) {
  Json object = {{"id", to_hex(source.id.view())},
                 {"categories", json_texts(source.body.categories)},
                 {"recorded", json_time(source.recorded)},
                 {"signer", to_hex(source.signer.view())}};
  if (source.details) {
    put_name(object, "path", source.details->path);
    object["host"] = source.details->host.empty() ? Json() : Json(json_text(source.details->host));
    object["recorded_by"] = json_text(source.details->recorded_by);
  }
  return object;
}

}  // namespace igudar
