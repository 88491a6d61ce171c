#include "ops/backup/consent_check.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/hex.h"
#include "base/host_name.h"
#include "base/translate.h"
#include "ops/consents.h"
#include "ops/personal_sources.h"
#include "repo/domain_access.h"
#include "repo/repository.h"

namespace igudar {

namespace {

// The paths as recorded, and where they lead: a symbolic link hides nothing.
std::vector<std::string> places_of(const BackupOptions& options, const BackupSource& source) {
  std::vector<std::string> places = source.paths;
  for (const std::string& path : options.paths) {
    std::error_code missing;
    const std::filesystem::path real = std::filesystem::canonical(path, missing);
    if (!missing) places.push_back(real.string());
  }
  return places;
}

// Why none of the consents covers the category, from the one recorded last.
std::string why_not(const std::vector<Consent>& all, const std::string& category, TimeNs now) {
  const auto last =
      std::find_if(all.rbegin(), all.rend(), [&](const Consent& consent) { return consent.covers(category); });
  if (last == all.rend())
    return trf("the backup holds personal data, '{}', and no consent for them is recorded", category);
  switch (state_of(*last, now)) {
    case ConsentState::withdrawn:
      return trf("the backup holds personal data, '{}', and the consent {} for them was withdrawn on {}", category,
                 short_hex(last->id.view()), format_local_time(last->withdrawal->time));
    case ConsentState::expired:
      return trf("the backup holds personal data, '{}', and the consent {} for them ended on {}", category,
                 short_hex(last->id.view()), format_local_time(last->body.until.value_or(0)));
    case ConsentState::not_begun:
      return trf("the backup holds personal data, '{}', and the consent {} for them begins on {} only", category,
                 short_hex(last->id.view()), format_local_time(last->body.given));
    case ConsentState::unsupported:
    case ConsentState::valid:
      break;
  }
  return trf("the backup holds personal data, '{}', and only a newer igudar knows what the consent {} is worth",
             category, short_hex(last->id.view()));
}

// As a shell takes it for one word.
std::string quoted(const std::string& word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
  if (plain) return word;
  std::string inside;
  for (const char c : word) inside += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "'" + inside + "'";
}

Error refusal(const Repository& repository, const std::vector<Consent>& all, const std::string& category, TimeNs now) {
  const std::string& domain = repository.keys().domain_name();
  const std::string command = "igudar consent record" + (domain == kMainDomain ? "" : " --domain " + quoted(domain)) +
                              " --category " + quoted(category) + " --subject … --purpose … --basis …";
  return {ErrorCode::rule_broken, why_not(all, category, now),
          repository.keys().can_read()
              ? trf("Nothing was stored. Record what allows it: {}", command)
              : trf("Nothing was stored. Somebody whose key has the capability '{}' has to record what allows it: {}",
                    "full", command)};
}

}  // namespace

std::map<std::string, std::string> BackedUpPersonalData::annotations() const {
  std::map<std::string, std::string> annotations;
  if (categories.empty()) return annotations;
  std::string& names = annotations[kPersonalDataAnnotation];
  for (const std::string& category : categories) names += (names.empty() ? "" : ",") + category;
  std::string& ids = annotations[kConsentsAnnotation];
  for (const Id32& id : consents) ids += (ids.empty() ? "" : ",") + to_hex(id.view());
  return annotations;
}

BackedUpPersonalData require_consents(const Repository& repository, const BackupOptions& options,
                                      const BackupSource& source, RunMonitor& monitor, std::stop_token stop) {
  for (const std::string& category : options.personal_data) require_category(category);
  const Registry registry = Registry::load(repository, stop);
  std::set<std::string> categories = categories_of(personal_sources(registry), repository.keys().index_keys().oldest(),
                                                   {source.host, host_name()}, places_of(options, source));
  categories.insert(options.personal_data.begin(), options.personal_data.end());
  for (const DamagedObject& damaged : registry.damaged())
    monitor.note(trf("{} cannot be read: what it says of consents is not known", damaged.name.to_string()));
  if (categories.empty()) return {};

  const std::vector<Consent> all = consents(registry);
  const TimeNs now = repository.store().now(stop);
  std::set<Id32> covering;
  for (const std::string& category : categories) {
    const std::vector<const Consent*> valid = valid_consents(all, category, now);
    if (valid.empty()) throw refusal(repository, all, category, now);
    for (const Consent* consent : valid) covering.insert(consent->id);
  }
  return {{categories.begin(), categories.end()}, {covering.begin(), covering.end()}};
}

}  // namespace igudar
