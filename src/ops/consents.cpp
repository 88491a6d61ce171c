#include "ops/consents.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/translate.h"
#include "repo/local_identity.h"

namespace igudar {

namespace {

struct BasisName {
  LegalBasis basis;
  const char* name;
  const char* text;
};
constexpr std::array kBases = {
    BasisName{LegalBasis::consent, "consent", N_("the person's consent: article 6(1)(a)")},
    BasisName{LegalBasis::contract, "contract", N_("a contract with the person: article 6(1)(b)")},
    BasisName{LegalBasis::legal_obligation, "legal-obligation", N_("a legal obligation: article 6(1)(c)")},
    BasisName{LegalBasis::vital_interests, "vital-interests", N_("vital interests: article 6(1)(d)")},
    BasisName{LegalBasis::public_task, "public-task", N_("a task in the public interest: article 6(1)(e)")},
    BasisName{LegalBasis::legitimate_interests, "legitimate-interests", N_("legitimate interests: article 6(1)(f)")},
};

const BasisName* find_basis(LegalBasis basis) {
  const auto found = std::find_if(kBases.begin(), kBases.end(), [&](const BasisName& b) { return b.basis == basis; });
  return found == kBases.end() ? nullptr : &*found;
}

std::optional<ConsentDetails> details_of(const RegisteredEntry& registered) {
  if (!registered.personal) return std::nullopt;
  return decode_consent_details(*registered.personal);
}

void require_text(const std::string& text, const char* what, const char* hint) {
  if (text.empty()) throw Error(ErrorCode::usage, what, hint);
}

}  // namespace

bool Consent::covers(std::string_view category) const {
  return std::find(body.categories.begin(), body.categories.end(), category) != body.categories.end();
}

ConsentState state_of(const Consent& consent, TimeNs now) {
  if (consent.withdrawal) return ConsentState::withdrawn;
  if (find_basis(consent.body.basis) == nullptr) return ConsentState::unsupported;
  if (consent.body.given > now) return ConsentState::not_begun;
  return consent.body.until && *consent.body.until <= now ? ConsentState::expired : ConsentState::valid;
}

const char* legal_basis_name(LegalBasis basis) {
  const BasisName* found = find_basis(basis);
  return found == nullptr ? "unknown" : found->name;
}

std::optional<LegalBasis> find_legal_basis(std::string_view name) {
  for (const BasisName& basis : kBases)
    if (name == basis.name) return basis.basis;
  return std::nullopt;
}

const char* legal_basis_text(LegalBasis basis) {
  const BasisName* found = find_basis(basis);
  return found == nullptr ? N_("a ground that only a newer igudar knows") : found->text;
}

std::vector<Consent> consents(const Registry& registry) {
  std::vector<Consent> found;
  std::map<Id32, ConsentWithdrawal> withdrawals;
  for (const RegisteredEntry& each : registry.entries()) {
    if (each.entry.type != RegistryType::consent) continue;
    Consent consent{each.id, each.entry.time, each.entry.signer, decode_consent(each.entry.body), details_of(each), {}};
    if (!consent.body.withdrawn) {
      found.push_back(std::move(consent));
      continue;
    }
    for (const Id32& id : each.entry.replaced)
      withdrawals.try_emplace(
          id, ConsentWithdrawal{each.entry.time, each.entry.signer, consent.details ? consent.details->reason : ""});
  }
  for (Consent& consent : found)
    if (const auto withdrawal = withdrawals.find(consent.id); withdrawal != withdrawals.end())
      consent.withdrawal = withdrawal->second;
  return found;
}

std::vector<const Consent*> valid_consents(const std::vector<Consent>& all, std::string_view category, TimeNs now) {
  std::vector<const Consent*> valid;
  for (const Consent& consent : all)
    if (consent.covers(category) && state_of(consent, now) == ConsentState::valid) valid.push_back(&consent);
  return valid;
}

Id32 record_consent(const Repository& repository, const NewConsent& consent, std::stop_token stop) {
  require_registry_rights(repository.keys());
  require_text(consent.subject, tr("whose data it is about is missing"), tr("Give a person or a group: --subject"));
  require_text(consent.purpose, tr("what the data are kept for is missing"), tr("Give it with --purpose."));
  ConsentBody body{.categories = checked_categories(consent.categories),
                   .basis = consent.basis,
                   .given = consent.given ? *consent.given : repository.store().now(stop),
                   .until = consent.until};
  if (body.until && *body.until <= body.given)
    throw Error(ErrorCode::usage, tr("it would end before it begins"), tr("Compare --given and --until."));
  const ConsentDetails details{consent.subject, consent.purpose, consent.document, user_at_host(), {}};
  return put_registry_entry(
      repository,
      {.type = RegistryType::consent, .body = encode_consent(body), .personal = encode_consent_details(details)}, stop);
}

Id32 withdraw_consent(const Repository& repository, const std::string& id_prefix, const std::string& reason,
                      std::stop_token stop) {
  require_text(reason, tr("a withdrawal needs a reason"), tr("Give one with --reason."));
  const Registry registry = Registry::load(repository, stop);
  const Id32 id = registry.find(RegistryType::consent, id_prefix).id;
  const std::vector<Consent> all = consents(registry);
  const auto found = std::find_if(all.begin(), all.end(), [&](const Consent& consent) { return consent.id == id; });
  if (found == all.end() || found->withdrawal)
    throw Error(ErrorCode::not_found, trf("there is no consent '{}' that could be withdrawn", id_prefix),
                tr("See 'igudar consent list'."));
  ConsentBody body = found->body;
  body.withdrawn = true;
  const ConsentDetails details{.recorded_by = user_at_host(), .reason = reason};
  put_registry_entry(repository,
                     {.type = RegistryType::consent,
                      .replaced = {id},
                      .body = encode_consent(body),
                      .personal = encode_consent_details(details)},
                     stop);
  return id;
}

void require_category(const std::string& category) {
  constexpr std::size_t kLongest = 100;
  const bool fits = !category.empty() && category.size() <= kLongest && category.front() != ' ' &&
                    category.back() != ' ' && std::all_of(category.begin(), category.end(), [](char c) {
                      return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != ',';
                    });
  if (!fits)
    throw Error(ErrorCode::usage, trf("a category of personal data cannot be called '{}'", category),
                tr("Use a word such as 'customers' or 'health', without commas."));
}

std::vector<std::string> checked_categories(std::vector<std::string> categories) {
  if (categories.empty())
    throw Error(ErrorCode::usage, tr("no category of personal data was named"),
                tr("Name one or more, such as: --category customers"));
  for (const std::string& category : categories) require_category(category);
  std::sort(categories.begin(), categories.end());
  categories.erase(std::unique(categories.begin(), categories.end()), categories.end());
  return categories;
}

}  // namespace igudar
