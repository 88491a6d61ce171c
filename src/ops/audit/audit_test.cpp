#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "ops/audit/anonymise.h"
#include "ops/audit/verify_audit.h"
#include "ops/audit_history.h"
#include "repo/audit_log.h"
#include "repo/audit_store.h"
#include "repo/audit_subject.h"
#include "repo/local_identity.h"
#include "repo/repo_testing.h"
#include "store/fault_store.h"

namespace igudar {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::RepositoryFixture;

AuditFacts intent_of(const char* operation) {
  AuditFacts facts;
  facts.operation = operation;
  return facts;
}

AuditPersonal amina() {
  return {"amina", 1000, "web1", {"/home/amina"}, {}};
}

class Audit : public ::testing::Test {
 protected:
  AuditHead append(const Repository& repository, const char* operation) {
    AuditLog log(repository);
    return log.append(intent_of(operation), amina());
  }
  AuditHead append(const char* operation) { return append(fixture.repository, operation); }
  std::vector<AuditFault> faults() const {
    RunMonitor silent;
    std::vector<AuditFault> found;
    for (const AuditFinding& finding : verify_audit(fixture.repository, silent, {}).findings)
      found.push_back(finding.fault);
    return found;
  }
  std::vector<std::string> operations() const {
    std::vector<std::string> names;
    for (const AuditEvent& event : read_audit_history(fixture.repository, {}, {}).events)
      names.push_back(event.facts.operation);
    return names;
  }
  static ObjectName object_of(const AuditHead& head) {
    return {ObjectKind::audit, audit_object_id(head.log, head.number)};
  }
  std::filesystem::path state() const { return local_audit_folder(fixture.repository); }

  RepositoryFixture fixture;
};

TEST_F(Audit, Chains_entries_and_keeps_them_here_byte_for_byte) {
  const AuditHead first = append("backup");
  const AuditHead second = append("restore");
  EXPECT_EQ(second.log, first.log);
  EXPECT_EQ(decode_audit_entry(fixture.get(object_of(second))).previous, first.hash);
  const auto kept = local_audit_logs(fixture.repository);
  ASSERT_EQ(kept.size(), 1U);
  ASSERT_EQ(kept[0].size(), 2U);
  EXPECT_EQ(kept[0][1].object, fixture.get(object_of(second)));
  EXPECT_TRUE(kept[0][1].stored);
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(Audit, Keeps_what_the_storage_does_not_take_and_stores_it_before_what_is_newer) {
  append("backup");
  FaultPlan plan{.at = 1, .count = 100, .kind = FaultKind::fail, .code = ErrorCode::permission};
  const Repository refusing = open_repository(std::make_unique<FaultStore>(fixture.memory, plan),
                                              fixture.credential("secret"), fixture.folders(), {});
  AuditLog log(refusing);
  const AuditHead unstored = log.append(intent_of("restore"), amina());
  EXPECT_FALSE(log.stored());
  EXPECT_THAT(log.remarks(), ::testing::SizeIs(1));
  EXPECT_FALSE(fixture.memory->stat(object_of(unstored), {}));
  EXPECT_THAT(operations(), ElementsAre("backup", "restore"));
  append("ls");
  EXPECT_TRUE(fixture.memory->stat(object_of(unstored), {}));
  EXPECT_THAT(operations(), ElementsAre("backup", "restore", "ls"));
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(Audit, Survives_a_torn_end_of_the_file_here) {
  const AuditHead first = append("backup");
  for (const auto& file : std::filesystem::directory_iterator(state()))
    if (file.path().extension() == ".log") std::filesystem::resize_file(file.path(), file.file_size() + 7);
  const AuditHead second = append("restore");
  EXPECT_EQ(second.log, first.log);
  EXPECT_EQ(second.number, 1U);
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(Audit, Begins_a_new_log_where_the_disk_changed_its_end) {
  const AuditHead first = append("backup");
  for (const auto& file : std::filesystem::directory_iterator(state()))
    if (file.path().extension() == ".log") {
      std::fstream content(file.path(), std::ios::in | std::ios::out | std::ios::binary);
      content.seekp(4);
      content << "not IGDR";
    }
  EXPECT_NE(append("restore").log, first.log);
  EXPECT_THAT(operations(), ElementsAre("backup", "restore"));
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(Audit, Begins_a_new_log_where_others_went_on_with_it) {
  const AuditHead first = append("backup");
  std::filesystem::copy(state(), fixture.scratch / "old", std::filesystem::copy_options::recursive);
  append("restore");
  std::filesystem::remove_all(state());
  std::filesystem::copy(fixture.scratch / "old", state(), std::filesystem::copy_options::recursive);
  const AuditHead forked = append("ls");
  EXPECT_NE(forked.log, first.log);
  EXPECT_EQ(forked.number, 1U);  // after the entry that says so
  EXPECT_THAT(operations(), ElementsAre("backup", "restore", "ls", "ls"));
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(Audit, Is_written_even_where_nothing_can_be_kept_here) {
  std::filesystem::remove_all(state());
  std::ofstream(state().parent_path() / "audit") << "in the way";
  append("backup");
  EXPECT_THAT(operations(), ElementsAre("backup"));
}

TEST_F(Audit, Merges_older_entries_and_verifies_as_before) {
  AuditLog log(fixture.repository);
  for (int i = 0; i < 70; ++i) log.append(intent_of("backup"), amina());
  EXPECT_EQ(merge_audit_entries(fixture.repository, {}), 70U - 32U);
  EXPECT_EQ(fixture.list(ObjectKind::audit).size(), 33U);
  EXPECT_EQ(merge_audit_entries(fixture.repository, {}), 0U);
  append("restore");
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(operations().size(), 71U);
}

TEST_F(Audit, A_merge_that_is_cut_short_is_completed_by_the_next) {
  AuditLog log(fixture.repository);
  for (int i = 0; i < 70; ++i) log.append(intent_of("backup"), amina());
  FaultPlan plan{.at = 4, .kind = FaultKind::crash};
  const Repository dying = open_repository(std::make_unique<FaultStore>(fixture.memory, plan),
                                           fixture.credential("secret"), fixture.folders(), {});
  EXPECT_THROW((void)merge_audit_entries(dying, {}), SimulatedCrash);
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_GT(merge_audit_entries(fixture.repository, {}), 30U);
  EXPECT_EQ(fixture.list(ObjectKind::audit).size(), 33U);
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(Audit, A_changed_merged_entry_is_found) {
  AuditLog log(fixture.repository);
  for (int i = 0; i < 70; ++i) log.append(intent_of("backup"), amina());
  merge_audit_entries(fixture.repository, {});
  for (const std::string& id : fixture.list(ObjectKind::audit))
    if (id.find('-') != std::string::npos) fixture.flip_a_bit({ObjectKind::audit, id});
  EXPECT_THAT(faults(), ::testing::Contains(::testing::AnyOf(AuditFault::forged, AuditFault::changed)));
}

TEST_F(Audit, An_anonymised_person_is_unknown_and_draws_a_new_key) {
  append("backup");
  const std::vector<std::string> before = fixture.list(ObjectKind::subject);
  AuditLog log(fixture.repository);
  EXPECT_EQ(anonymise(fixture.repository, log, {.name = user_at_host(), .before = {}}, {}).size(), 1U);
  EXPECT_THAT(fixture.list(ObjectKind::subject), IsEmpty());
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(read_audit_history(fixture.repository, {}, {}).events.front().person, AuditPerson::anonymised);
  append("restore");
  EXPECT_THAT(fixture.list(ObjectKind::subject), ::testing::Not(::testing::Contains(before.front())));
  EXPECT_EQ(read_audit_history(fixture.repository, {}, {}).events.back().person, AuditPerson::shown);
}

TEST_F(Audit, A_subject_that_was_anonymised_elsewhere_is_not_stored_again) {
  append("backup");
  const std::string id = fixture.list(ObjectKind::subject).front();
  fixture.memory->remove({ObjectKind::subject, id}, {});
  append("restore");
  EXPECT_THAT(fixture.list(ObjectKind::subject), ElementsAre(::testing::Ne(id)));
  EXPECT_EQ(read_audit_history(fixture.repository, {}, {}).events.back().person, AuditPerson::shown);
  EXPECT_THAT(faults(), ElementsAre(AuditFault::subject));
}

TEST_F(Audit, Those_who_did_nothing_since_are_anonymised_by_time) {
  append("backup");
  AuditLog log(fixture.repository);
  EXPECT_THAT(anonymise(fixture.repository, log, {.name = "", .before = 1}, {}), IsEmpty());
  EXPECT_EQ(anonymise(fixture.repository, log, {.name = "", .before = wall_clock_ns() + kNsPerSecond}, {}).size(), 1U);
}

}  // namespace

}  // namespace igudar
