#include "cli/privacy_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/translate.h"
#include "cli/consent_text.h"
#include "cli/csv.h"
#include "cli/text_format.h"
#include "ops/processing_record.h"

namespace igudar {

namespace {

using Values = std::vector<std::string>;

std::string short_hex(const Id32& id) {
  return short_id(to_hex(id.view()));
}

// "data-subjects" as a column of CSV.
std::string column_name(std::string name) {
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

std::optional<std::string> recorded(const DomainProcessing& domain, const char* name) {
  const auto found = domain.record.find(name);
  return found == domain.record.end() ? std::nullopt : std::optional(found->second);
}

// The parts of a record of one domain, one function each; all in the order of article 30(1).
class DomainRows {
 public:
  DomainRows(const PrivacyReport& report, const DomainProcessing& domain, const std::vector<NamedCopy>& copies)
      : report_(report), domain_(domain), copies_(copies) {}

  std::vector<ReportRow> run() {
    for (const char* name : {"controller", "contact", "representative", "dpo"}) add_recorded(name);
    add("purposes", tr("Purposes of the processing"), purposes());
    add("legal_bases", tr("Legal bases"), legal_bases());
    add_recorded("data-subjects");
    add("categories", tr("Categories of personal data"), categories());
    add("sources", tr("Sources of personal data"), sources());
    add("consents", tr("Consents and other grounds recorded"), grounds());
    add_recorded("recipients");
    add("key_holders", tr("Recipients: holders of keys"), holders());
    add_recorded("transfers");
    add("retention", tr("Retention"), retention());
    add("locations", tr("Where the data are"), locations());
    add("security", tr("Technical security measures"), security());
    add_recorded("measures");
    add("erasures", tr("Erasures"), erasures());
    add("legal_holds", tr("Legal holds"), holds());
    return std::move(rows_);
  }

 private:
  void add(const char* name, const char* label, Values values) {
    if (values.empty()) values.emplace_back("-");
    rows_.push_back({name, label, std::move(values)});
  }

  void add_recorded(const char* name) {
    const ProcessingField& field = *find_processing_field(name);
    const std::optional<std::string> text = recorded(domain_, name);
    Values values;
    if (text)
      values.push_back(*text);
    else if (field.required)
      values.push_back(trf("NOT RECORDED: igudar privacy set {}=…", name));
    rows_.push_back({column_name(name), tr(field.label), values.empty() ? Values{"-"} : values});
  }

  Values purposes() const {
    std::set<std::string> found;
    for (const Consent& consent : domain_.consents)
      if (state_of(consent, report_.storage_time) == ConsentState::valid && consent.details)
        found.insert(consent.details->purpose);
    if (const std::optional<std::string> text = recorded(domain_, "purpose")) found.insert(*text);
    if (found.empty()) return {trf("NOT RECORDED: igudar privacy set {}=…", "purpose")};
    return {found.begin(), found.end()};
  }

  Values legal_bases() const {
    std::set<LegalBasis> found;
    for (const Consent& consent : domain_.consents)
      if (state_of(consent, report_.storage_time) == ConsentState::valid) found.insert(consent.body.basis);
    Values values;
    for (const LegalBasis basis : found) values.emplace_back(tr(legal_basis_text(basis)));
    return values;
  }

  Values categories() const {
    Values values;
    for (const auto& [name, use] : domain_.categories) {
      const bool covered = !valid_consents(domain_.consents, name, report_.storage_time).empty();
      values.push_back(trf("{}: {}, of {} to {}; {}", name,
                           format_counted("{} snapshot", "{} snapshots", use.snapshots), format_local_time(use.oldest),
                           format_local_time(use.newest),
                           covered ? tr("covered by a recorded ground") : tr("NOT COVERED by any recorded ground")));
    }
    return values;
  }

  Values sources() const {
    Values values;
    for (const PersonalSource& source : domain_.sources)
      if (source.details)
        values.push_back(trf("tagged: {} ({}), {}", source.details->path,
                             source.details->host.empty() ? std::string(tr("on any host")) : source.details->host,
                             joined(source.body.categories)));
    for (const std::string& place : domain_.places) values.push_back(trf("in snapshots: {}", place));
    return values;
  }

  Values grounds() const {
    Values values;
    for (const Consent& consent : domain_.consents) {
      const ConsentDetails details = consent.details.value_or(ConsentDetails());
      std::string text = trf("{}: {}, {} ({}); {}; recorded by {} on {}", short_hex(consent.id), details.subject,
                             joined(consent.body.categories), legal_basis_name(consent.body.basis),
                             consent_state_text(consent, report_.storage_time), details.recorded_by,
                             format_local_time(consent.recorded));
      if (!details.document.empty()) text += trf("; document: {}", details.document);
      values.push_back(std::move(text));
    }
    return values;
  }

  Values holders() const {
    Values values;
    for (const KeyHolder& holder : domain_.holders)
      values.push_back(trf("{} ({}): {}, made {} by {}", capability_name(holder.capability), short_id(holder.slot.id),
                           holder.slot.recipient, format_local_time(holder.slot.created),
                           holder.slot.user + "@" + holder.slot.host));
    return values;
  }

  Values retention() const {
    Values values;
    values.push_back(domain_.max_retention ? trf_plural("Rule: no snapshot is older than {} day",
                                                        "Rule: no snapshot is older than {} days",
                                                        *domain_.max_retention, *domain_.max_retention)
                                           : tr("Rule: none is set (igudar policy set max-retention=DAYS)"));
    if (domain_.last_forget)
      values.push_back(trf("Applied last: {}: igudar forget {}", format_local_time(domain_.last_forget->time),
                           joined(domain_.last_forget->arguments, " ")));
    if (const std::optional<std::string> text = recorded(domain_, "retention")) values.push_back(*text);
    if (domain_.oldest)
      values.push_back(trf("{}, of {} to {}", format_counted("{} snapshot", "{} snapshots", domain_.snapshots),
                           format_local_time(*domain_.oldest), format_local_time(*domain_.newest)));
    return values;
  }

  Values locations() const {
    Values values{report_.location};
    for (const NamedCopy& copy : copies_)
      values.push_back(copy.problem.empty() ? trf("copy: {}", copy.location)
                                            : trf("copy: {}: {}", copy.location, copy.problem));
    for (const std::string& location : domain_.copies)
      values.push_back(trf("copy that an erasure went to: {}", location));
    return values;
  }

  Values security() const {
    return {
        trf("Encryption: {}; keys of {} (epoch {})", cipher_suite_name(domain_.domain.suite),
            format_local_time(domain_.domain.rotated), domain_.domain.epoch),
        tr("Every snapshot and every entry of the audit log is signed (Ed25519); who only backs up reads nothing.")};
  }

  Values erasures() const {
    Values values;
    for (const ReportedErasure& erasure : domain_.erasures) {
      const std::string what = trf("{}: planned {}, {}", short_hex(erasure.plan.id),
                                   format_local_time(erasure.plan.time), erasure.plan.reason);
      values.push_back(!erasure.done ? trf("{}; NOT carried out", what)
                       : erasure.complete
                           ? trf("{}; complete on {}", what, format_local_time(*erasure.done))
                           : trf("{}; carried out on {}, NOT complete", what, format_local_time(*erasure.done)));
    }
    return values;
  }

  Values holds() const {
    Values values;
    for (const LegalHold& hold : domain_.holds)
      values.push_back(hold.until ? trf("{}, until {}", hold.shown(), format_local_time(*hold.until))
                                  : trf("{}, until it is released", hold.shown()));
    return values;
  }

  const PrivacyReport& report_;
  const DomainProcessing& domain_;
  const std::vector<NamedCopy>& copies_;
  std::vector<ReportRow> rows_;
};

Json optional_time(const std::optional<TimeNs>& time) {
  return time ? Json(json_time(*time)) : Json();
}

Json holder_json(const KeyHolder& holder) {
  const SlotInfo& slot = holder.slot;
  return {{"key", slot.id},
          {"capability", capability_name(holder.capability)},
          {"recipient", json_text(slot.recipient)},
          {"user", json_text(slot.user)},
          {"host", json_text(slot.host)},
          {"created", json_time(slot.created)},
          {"recovery_key", slot.is_recovery_key}};
}

Json domain_json(const PrivacyReport& report, const DomainProcessing& domain) {
  const DomainInfo& info = domain.domain;
  Json object = {{"id", to_hex(info.id.view())}, {"name", json_text(info.name)}, {"readable", domain.readable}};
  if (!domain.readable) return object;
  object["record"] = Json::object();
  for (const auto& [name, text] : domain.record) object["record"][json_text(name)] = json_text(text);
  object["categories"] = Json::array();
  for (const auto& [name, use] : domain.categories)
    object["categories"].push_back({{"name", json_text(name)},
                                    {"snapshots", use.snapshots},
                                    {"oldest", json_time(use.oldest)},
                                    {"newest", json_time(use.newest)},
                                    {"covered", !valid_consents(domain.consents, name, report.storage_time).empty()}});
  object["sources"] = Json::array();
  for (const PersonalSource& source : domain.sources) object["sources"].push_back(personal_source_json(source));
  object["places"] = json_texts({domain.places.begin(), domain.places.end()});
  object["consents"] = Json::array();
  for (const Consent& consent : domain.consents)
    object["consents"].push_back(consent_json(consent, report.storage_time));
  object["holders"] = Json::array();
  for (const KeyHolder& holder : domain.holders) object["holders"].push_back(holder_json(holder));
  object["snapshots"] = domain.snapshots;
  object["oldest"] = optional_time(domain.oldest);
  object["newest"] = optional_time(domain.newest);
  object["max_retention_days"] = domain.max_retention ? Json(*domain.max_retention) : Json();
  object["last_forget"] = domain.last_forget ? Json{{"time", json_time(domain.last_forget->time)},
                                                    {"arguments", json_texts(domain.last_forget->arguments)}}
                                             : Json();
  object["cipher"] = cipher_suite_name(info.suite);
  object["keys_since"] = json_time(info.rotated);
  object["erasures"] = Json::array();
  for (const ReportedErasure& erasure : domain.erasures)
    object["erasures"].push_back({{"plan", to_hex(erasure.plan.id.view())},
                                  {"planned", json_time(erasure.plan.time)},
                                  {"reason", json_text(erasure.plan.reason)},
                                  {"done", optional_time(erasure.done)},
                                  {"complete", erasure.complete}});
  object["holds"] = Json::array();
  for (const LegalHold& hold : domain.holds)
    object["holds"].push_back(
        {{"id", to_hex(hold.id.view())}, {"reason", json_text(hold.reason)}, {"until", optional_time(hold.until)}});
  object["erased_copies"] = json_texts({domain.copies.begin(), domain.copies.end()});
  return object;
}

}  // namespace

Report privacy_document(const PrivacyReport& report, const std::vector<NamedCopy>& copies) {
  Report document{.title = tr("Record of processing (GDPR article 30)"), .introduction = {}, .sections = {}};
  document.introduction.push_back(
      trf("Repository {}, as of {}", short_id(report.repository), format_local_time(report.made)));
  for (const DomainProcessing& domain : report.domains) {
    ReportSection section{trf("Domain {}", domain.domain.name), {}};
    if (domain.readable)
      section.rows = DomainRows(report, domain, copies).run();
    else
      section.rows.push_back({"", tr("This key may not read it."), {}});
    document.sections.push_back(std::move(section));
  }
  return document;
}

std::string privacy_csv(const PrivacyReport& report, const std::vector<NamedCopy>& copies) {
  std::string title;
  std::string lines;
  for (const DomainProcessing& domain : report.domains) {
    if (!domain.readable) continue;
    Values names{"domain", "domain_id"};
    Values cells{domain.domain.name, to_hex(domain.domain.id.view())};
    for (const ReportRow& row : DomainRows(report, domain, copies).run()) {
      names.push_back(row.name);
      cells.push_back(joined(row.values, "; "));
    }
    title = csv_line(names) + "\r\n";
    lines += csv_line(cells) + "\r\n";
  }
  return title + lines;
}

Json privacy_json(const PrivacyReport& report, const std::vector<NamedCopy>& copies) {
  Json domains = Json::array();
  for (const DomainProcessing& domain : report.domains) domains.push_back(domain_json(report, domain));
  Json places = Json::array();
  for (const NamedCopy& copy : copies)
    places.push_back({{"location", json_text(copy.location)},
                      {"problem", copy.problem.empty() ? Json() : Json(json_text(copy.problem))}});
  return {{"message_type", "privacy_report"},
          {"time", json_time(report.made)},
          {"repository_id", report.repository},
          {"location", json_text(report.location)},
          {"copies", places},
          {"domains", domains}};
}

}  // namespace igudar
