#pragma once

#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "ops/consents.h"
#include "ops/erasure_records.h"
#include "ops/legal_holds.h"
#include "ops/personal_sources.h"
#include "repo/domain_access.h"
#include "repo/key_slots.h"

namespace igudar {

// The record of processing that GDPR article 30 asks for, as far as a repository knows it: of each domain what personal
// data it holds, on what ground, for how long, who may read it, and where it is. Nothing is changed.

struct CategoryUse {
  std::uint64_t snapshots = 0;
  TimeNs oldest = 0;
  TimeNs newest = 0;
};

struct KeyHolder {
  SlotInfo slot;
  Capability capability = Capability::full;  // in the domain
};

struct ReportedErasure {
  ErasurePlan plan;
  std::optional<TimeNs> done = {};
  bool complete = false;
};

struct AppliedRule {
  TimeNs time = 0;
  std::vector<std::string> arguments = {};  // of 'forget'
};

struct DomainProcessing {
  DomainInfo domain;
  bool readable = false;                           // false: the slot may not, and nothing of what follows is known
  std::map<std::string, std::string> record = {};  // ops/processing_record.h
  std::vector<Consent> consents = {};
  std::vector<PersonalSource> sources = {};
  // Of the snapshots that are tagged, and those of what is a tagged source by now.
  std::map<std::string, CategoryUse> categories = {};
  std::set<std::string> places = {};  // what these hold: "web1:/srv/customers"
  std::uint64_t snapshots = 0;
  std::optional<TimeNs> oldest = {};
  std::optional<TimeNs> newest = {};
  std::optional<std::uint64_t> max_retention = {};  // days, where the policy says
  std::optional<AppliedRule> last_forget = {};      // by the audit log
  std::vector<KeyHolder> holders = {};
  std::vector<LegalHold> holds = {};
  std::vector<ReportedErasure> erasures = {};
  std::set<std::string> copies = {};  // other places that erasures went to
};

struct PrivacyReport {
  TimeNs made = 0;
  TimeNs storage_time = 0;  // what consents are valid by
  std::string repository;   // its id
  std::string location;
  std::vector<DomainProcessing> domains = {};
  std::vector<DamagedObject> damaged = {};  // what could not be read, and is missing from the report
};

// Of all domains that the slot has a part in, or only of the one that was opened. Throws permission when it may read
// none of them.
PrivacyReport privacy_report(const Repository& repository, bool of_all_domains, std::stop_token stop);

}  // namespace igudar
