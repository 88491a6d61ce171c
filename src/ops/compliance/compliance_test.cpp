#include <gmock/gmock.h>

#include <algorithm>

#include "ops/compliance/control.h"

namespace igudar {

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr TimeNs kDay = 24 * 3600 * kNsPerSecond;
constexpr TimeNs kNow = 1'800'000'000 * kNsPerSecond;

SlotInfo slot(Capability capability) {
  SlotInfo info;
  info.id = std::string(32, 'a');
  info.capability = capability;
  return info;
}

// A repository that keeps all its rules.
ComplianceEvidence well_kept() {
  ComplianceEvidence evidence{.now = kNow, .storage_time = kNow, .domain = "main", .location = "/srv/backup"};
  evidence.domains = {{.id = {}, .name = "main", .created = kNow - 9 * kDay, .rotated = kNow - 9 * kDay}};
  evidence.slots = {slot(Capability::full), slot(Capability::write)};
  evidence.passwords = {{std::string(32, 'a'), {PasswordKdf::argon2id, 2, 64 * 1024}}};
  evidence.rules = {{"max-retention", "365"}, {"max-key-age", "365"}};
  for (const char* name : {"controller", "contact", "purpose", "data-subjects"}) evidence.record[name] = "text";
  evidence.consents.push_back(
      {.body = {.categories = {"customers"}, .basis = LegalBasis::contract, .given = kNow - 5 * kDay}});
  evidence.categories = {{"customers", 3}};
  evidence.snapshots = 3;
  evidence.oldest = kNow - 8 * kDay;
  evidence.audit = {.logs = 1, .entries = 20, .findings = {}};
  evidence.first_entry = kNow - 9 * kDay;
  for (const char* operation : {"check", "restore", "audit verify"}) evidence.last[operation] = kNow - kDay / 2;
  evidence.data_read = kNow - 20 * kDay;
  evidence.integrity = {.packs = 4, .damage = {}, .signatures = 3, .bad_signatures = 0};
  evidence.alerts = true;
  return evidence;
}

Judgement judge(const std::string& profile, const std::string& id, const ComplianceEvidence& evidence) {
  for (const Control& control : find_profile(profile)->controls)
    if (control.id == id) return control.judge(evidence);
  ADD_FAILURE() << "no control " << id;
  return {};
}

ControlVerdict verdict(const std::string& profile, const std::string& id, const ComplianceEvidence& evidence) {
  return judge(profile, id, evidence).verdict;
}

std::vector<std::string> failures(const std::string& profile, const ComplianceEvidence& evidence) {
  std::vector<std::string> failed;
  for (const Control& control : find_profile(profile)->controls)
    if (control.judge(evidence).verdict == ControlVerdict::fail) failed.emplace_back(control.id);
  return failed;
}

TEST(Compliance, A_well_kept_repository_fails_nothing) {
  EXPECT_THAT(failures("gdpr", well_kept()), ::testing::IsEmpty());
  EXPECT_THAT(failures("pci-dss", well_kept()), ::testing::IsEmpty());
  EXPECT_EQ(find_profile("iso"), nullptr);
}

TEST(Compliance, Every_control_says_why_and_is_there_once) {
  for (const char* profile : {"gdpr", "pci-dss"}) {
    std::vector<std::string> ids;
    for (const Control& control : find_profile(profile)->controls) {
      ids.emplace_back(control.id);
      for (const ComplianceEvidence& evidence : {well_kept(), ComplianceEvidence{.now = kNow}})
        EXPECT_FALSE(control.judge(evidence).why.empty()) << control.id;
    }
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  }
}

TEST(Compliance, Personal_data_need_a_ground_that_is_valid_now) {
  ComplianceEvidence evidence = well_kept();
  evidence.categories["health"] = 1;
  const Judgement uncovered = judge("gdpr", "6, 7", evidence);
  EXPECT_EQ(uncovered.verdict, ControlVerdict::fail);
  EXPECT_THAT(uncovered.evidence, Contains(HasSubstr("health: 1 snapshot, covered by NOTHING")));
  EXPECT_THAT(uncovered.evidence, Contains(HasSubstr("(contract)")));

  evidence = well_kept();
  evidence.consents[0].body.until = kNow;
  EXPECT_EQ(verdict("gdpr", "6, 7", evidence), ControlVerdict::fail);
  evidence.consents[0].body.until = kNow + 1;
  EXPECT_EQ(verdict("gdpr", "6, 7", evidence), ControlVerdict::pass);
  evidence.consents[0].body.given = kNow + 1;
  EXPECT_EQ(verdict("gdpr", "6, 7", evidence), ControlVerdict::fail);
  evidence = well_kept();
  evidence.consents[0].withdrawal = ConsentWithdrawal{};
  EXPECT_EQ(verdict("gdpr", "6, 7", evidence), ControlVerdict::fail);
  evidence = well_kept();
  evidence.consents[0].body.basis = static_cast<LegalBasis>(99);
  EXPECT_EQ(verdict("gdpr", "6, 7", evidence), ControlVerdict::fail);
}

TEST(Compliance, Nothing_tagged_is_neither_a_pass_nor_a_failure) {
  ComplianceEvidence evidence = well_kept();
  evidence.categories.clear();
  evidence.rules.clear();
  for (const char* id : {"6, 7", "5(1)(e)"}) EXPECT_EQ(verdict("gdpr", id, evidence), ControlVerdict::not_applicable);
  EXPECT_EQ(verdict("pci-dss", "3.2.1", evidence), ControlVerdict::fail);
}

TEST(Compliance, A_rule_has_to_be_set_and_kept) {
  ComplianceEvidence evidence = well_kept();
  evidence.broken_rules = {{"max-retention", "snapshots/ab12", "this snapshot is 400 days old"}};
  EXPECT_EQ(failures("gdpr", evidence), std::vector<std::string>{"5(1)(e)"});
  EXPECT_THAT(judge("gdpr", "5(1)(e)", evidence).evidence, Contains("snapshots/ab12: this snapshot is 400 days old"));
  evidence.broken_rules = {{"max-key-age", "keys/ab12", "old"}};
  EXPECT_EQ(failures("gdpr", evidence), std::vector<std::string>{"32(1)(a)"});
  EXPECT_EQ(failures("pci-dss", evidence), (std::vector<std::string>{"3.5.1", "3.7.4"}));
  evidence.broken_rules.clear();
  evidence.rules.clear();
  EXPECT_EQ(failures("pci-dss", evidence), (std::vector<std::string>{"3.2.1", "3.7.4"}));
}

TEST(Compliance, A_record_of_processing_needs_who_whose_and_what_for) {
  ComplianceEvidence evidence = well_kept();
  evidence.record.erase("purpose");
  EXPECT_THAT(judge("gdpr", "30", evidence).evidence, ::testing::ElementsAre("missing: purpose"));
  evidence.consents[0].details = ConsentDetails{.subject = "all", .purpose = "orders"};
  EXPECT_EQ(verdict("gdpr", "30", evidence), ControlVerdict::pass);
  evidence.record.erase("contact");
  EXPECT_THAT(judge("gdpr", "30", evidence).evidence, ::testing::ElementsAre("missing: contact"));
}

TEST(Compliance, Erasures_are_due_after_a_month) {
  ComplianceEvidence evidence = well_kept();
  EXPECT_EQ(verdict("gdpr", "17", evidence), ControlVerdict::not_applicable);
  evidence.erasures = {{.plan = "ab12", .planned = kNow - 29 * kDay}};
  EXPECT_EQ(verdict("gdpr", "17", evidence), ControlVerdict::pass);
  evidence.erasures[0].planned = kNow - 31 * kDay;
  EXPECT_EQ(verdict("gdpr", "17", evidence), ControlVerdict::fail);
  evidence.erasures[0].done = kNow;
  EXPECT_EQ(verdict("gdpr", "17", evidence), ControlVerdict::fail);
  evidence.erasures[0].complete = true;
  EXPECT_EQ(verdict("gdpr", "17", evidence), ControlVerdict::pass);
}

TEST(Compliance, What_was_done_long_ago_does_not_count) {
  ComplianceEvidence evidence = well_kept();
  evidence.last["restore"] = kNow - 181 * kDay;
  evidence.data_read = kNow - 91 * kDay;
  EXPECT_EQ(failures("gdpr", evidence), (std::vector<std::string>{"32(1)(c)", "32(1)(d)"}));
  evidence = well_kept();
  evidence.last["check"] = kNow - 8 * kDay;
  evidence.last["audit verify"] = kNow - 2 * kDay;
  EXPECT_EQ(failures("pci-dss", evidence), (std::vector<std::string>{"10.4.1", "11.5.2"}));
}

TEST(Compliance, Damage_bad_signatures_and_a_log_that_was_cut_fail) {
  ComplianceEvidence evidence = well_kept();
  evidence.integrity.damage = {"packs/ab12: it is missing"};
  EXPECT_EQ(failures("gdpr", evidence), std::vector<std::string>{"32(1)(b)"});
  evidence = well_kept();
  evidence.integrity.bad_signatures = 1;
  EXPECT_EQ(failures("pci-dss", evidence), std::vector<std::string>{"11.5.2"});
  evidence = well_kept();
  evidence.audit.findings = {"audit/ab12.7: entries 7 to 9 are missing"};
  EXPECT_EQ(failures("gdpr", evidence), std::vector<std::string>{"5(2)"});
  EXPECT_EQ(failures("pci-dss", evidence), (std::vector<std::string>{"10.2.1", "10.3.4", "10.5.1"}));
}

TEST(Compliance, Passwords_that_are_cheap_to_guess_fail) {
  for (const PasswordKdfParams& kdf :
       {PasswordKdfParams{PasswordKdf::argon2id, 2, 18 * 1024}, PasswordKdfParams{PasswordKdf::argon2id, 1, 64 * 1024},
        PasswordKdfParams{PasswordKdf::scrypt, 1, 64 * 1024},
        PasswordKdfParams{PasswordKdf::pbkdf2_sha256, 599'999, 0}}) {
    ComplianceEvidence evidence = well_kept();
    evidence.passwords.push_back({std::string(32, 'b'), kdf});
    EXPECT_EQ(failures("pci-dss", evidence), (std::vector<std::string>{"3.6.1", "8.3.2"}));
  }
  for (const PasswordKdf kdf : {PasswordKdf::argon2id, PasswordKdf::scrypt, PasswordKdf::pbkdf2_sha256}) {
    ComplianceEvidence evidence = well_kept();
    evidence.passwords = {{std::string(32, 'b'), default_kdf_params(kdf)}};
    EXPECT_EQ(verdict("pci-dss", "8.3.2", evidence), ControlVerdict::pass);
  }
}

TEST(Compliance, Everybody_may_do_everything_is_no_least_privilege) {
  ComplianceEvidence evidence = well_kept();
  evidence.slots = {slot(Capability::full), slot(Capability::full)};
  EXPECT_EQ(failures("gdpr", evidence), std::vector<std::string>{"25"});
}

}  // namespace

}  // namespace igudar
