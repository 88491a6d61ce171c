#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "format/consent_body.h"
#include "repo/registry.h"

namespace igudar {

// Consents, and the other grounds on which personal data may be kept (GDPR article 6): registry entries of type 3.
// Thread-safe functions.

struct ConsentWithdrawal {
  TimeNs time = 0;
  Id32 signer = {};
  std::string reason = {};  // empty where the slot may not read it
};
struct Consent {
  Id32 id = {};
  TimeNs recorded = 0;
  Id32 signer = {};
  ConsentBody body = {};
  std::optional<ConsentDetails> details = {};  // none: the slot may not read them
  std::optional<ConsentWithdrawal> withdrawal = {};

  bool covers(std::string_view category) const;
};

enum class ConsentState : std::uint8_t { valid, not_begun, expired, withdrawn, unsupported };
// `now` is the storage's clock. Of a basis that this program does not know: unsupported.
ConsentState state_of(const Consent& consent, TimeNs now);

// "legitimate-interests"; "unknown" for one of a newer program.
const char* legal_basis_name(LegalBasis basis);
std::optional<LegalBasis> find_legal_basis(std::string_view name);
// The words of article 6(1), marked for the catalogue: "the person's consent (a)".
const char* legal_basis_text(LegalBasis basis);

// All that were ever recorded, the oldest first.
std::vector<Consent> consents(const Registry& registry);
// Those that cover the category now.
std::vector<const Consent*> valid_consents(const std::vector<Consent>& all, std::string_view category, TimeNs now);

struct NewConsent {
  std::vector<std::string> categories = {};
  LegalBasis basis = LegalBasis::consent;
  std::optional<TimeNs> given = {};  // none: now
  std::optional<TimeNs> until = {};
  std::string subject = {};
  std::string purpose = {};
  std::string document = {};
};
// Durable once they return. Throw usage where something is missing, permission without the capability full;
// withdraw_consent not_found and usage as Registry::find does, and not_found for one that is withdrawn already.
Id32 record_consent(const Repository& repository, const NewConsent& consent, std::stop_token stop);
Id32 withdraw_consent(const Repository& repository, const std::string& id_prefix, const std::string& reason,
                      std::stop_token stop);

// Throws usage for what cannot name a category of personal data.
void require_category(const std::string& category);
// Sorted, each once. Throws usage for none, and as require_category() does.
std::vector<std::string> checked_categories(std::vector<std::string> categories);
// What a snapshot's annotations say of personal data: categories, and ids of consents, separated by commas.
constexpr const char* kPersonalDataAnnotation = "personal-data";
constexpr const char* kConsentsAnnotation = "consents";

}  // namespace igudar
