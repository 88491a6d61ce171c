#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "ops/consents.h"
#include "ops/legal_holds.h"
#include "repo/domain_access.h"
#include "repo/key_slots.h"

namespace igudar {

// What a repository shows of how it is kept: facts only, which the controls of ops/compliance/control.h judge.

struct BrokenRule {
  std::string rule;  // its name
  std::string object;
  std::string text;
};
struct PasswordCost {
  std::string slot;
  PasswordKdfParams kdf;
};
struct ErasureFact {
  std::string plan;  // the first digits of its id
  TimeNs planned = 0;
  std::optional<TimeNs> done = {};
  bool complete = false;
};
struct AuditState {
  std::uint64_t logs = 0;
  std::uint64_t entries = 0;
  std::vector<std::string> findings = {};
};
struct IntegrityState {
  std::uint64_t packs = 0;
  std::vector<std::string> damage = {};
  std::uint64_t signatures = 0;
  std::uint64_t bad_signatures = 0;  // forged, replayed or rolled back
};

struct ComplianceEvidence {
  TimeNs now = 0;           // this machine's clock
  TimeNs storage_time = 0;  // the storage's
  std::string domain = {};
  std::string location = {};
  std::vector<DomainInfo> domains = {};  // that the slot has a part in
  std::vector<SlotInfo> slots = {};      // readable ones
  std::vector<PasswordCost> passwords = {};

  std::map<std::string, std::string> rules = {};   // of the policy
  std::vector<BrokenRule> broken_rules = {};       // by the doctor
  std::map<std::string, std::string> record = {};  // ops/processing_record.h
  std::vector<Consent> consents = {};
  std::map<std::string, std::uint64_t> categories = {};  // of personal data, and how many snapshots hold them
  std::vector<LegalHold> holds = {};
  std::vector<ErasureFact> erasures = {};

  std::uint64_t snapshots = 0;
  std::optional<TimeNs> oldest = {};
  std::uint64_t stamped = 0;  // snapshots with a time-stamp

  AuditState audit = {};
  std::optional<TimeNs> first_entry = {};   // of the audit log
  std::map<std::string, TimeNs> last = {};  // when an operation last succeeded, by its name
  std::optional<TimeNs> data_read = {};     // when a check last read stored content
  std::uint64_t failed_openings = 0;        // in the last 90 days
  IntegrityState integrity = {};
  bool alerts = false;  // a command is run when openings fail, on this machine
};

// What other operations find out.
struct ComplianceSteps {
  std::function<std::vector<BrokenRule>()> broken_rules;
  std::function<AuditState()> verify_audit;
  std::function<IntegrityState()> check;
  bool alerts = false;
};
// Of the domain that was opened. Throws permission for a slot that cannot read what is personal.
ComplianceEvidence gather_evidence(const Repository& repository, const ComplianceSteps& steps, std::stop_token stop);

}  // namespace igudar
