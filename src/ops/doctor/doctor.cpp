#include "ops/doctor/doctor.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "ops/legal_holds.h"
#include "ops/repository_policy.h"
#include "repo/domain_access.h"
#include "repo/key_slots.h"
#include "repo/recovery_tests.h"

namespace igudar {

namespace {

constexpr const char* kMinMemory = "min-password-memory";
constexpr const char* kMinRounds = "min-pbkdf2-rounds";
constexpr const char* kRecoveryKey = "require-recovery-key";

class Examination {
 public:
  Examination(const Repository& repository, std::stop_token stop)
      : repository_(repository),
        stop_(std::move(stop)),
        registry_(Registry::load(repository, stop_)),
        policy_(registry_),
        slots_(list_slots(repository, stop_)),
        now_(wall_clock_ns()) {}

  std::vector<DoctorFinding> run() {
    check(kMaxKeyAgeRule, [&](std::uint64_t days) { check_ages(days); });
    check(kMaxRetentionRule, [&](std::uint64_t days) { check_retention(days); });
    check(kMinMemory, [&](std::uint64_t mebibytes) { check_memory(mebibytes); });
    check(kMinRounds, [&](std::uint64_t rounds) { check_rounds(rounds); });
    check_recovery_key();
    advise();
    return std::move(findings_);
  }

 private:
  // Judges a rule with a number, where it is set: `find` reports what does not keep it.
  template <typename Find>
  void check(const char* rule, Find&& find) {
    const std::optional<std::uint64_t> value = policy_.number(rule);
    if (!value) return add(rule, DoctorVerdict::not_set, "", tr("no such rule is set"));
    const std::size_t before = findings_.size();
    find(*value);
    if (findings_.size() == before) add(rule, DoctorVerdict::kept, "", trf("kept: {}", *value));
  }

  std::uint64_t age(TimeNs since) const {
    return static_cast<std::uint64_t>(std::max<TimeNs>(now_ - since, 0) / kNsPerDay);
  }

  void check_ages(std::uint64_t days) {
    for (const SlotInfo& slot : slots_)
      if (slot.readable && age(slot.created) > days)
        add(kMaxKeyAgeRule, DoctorVerdict::broken, "keys/" + slot.id,
            trf("this key is {} days old: change it with 'igudar key passwd', or add another and remove it",
                age(slot.created)));
    for (const DomainInfo& domain : list_domains(repository_, stop_))
      if (!domain.name.empty() && age(domain.rotated) > days)
        add(kMaxKeyAgeRule, DoctorVerdict::broken, domain.name,
            trf("the keys of this domain are {} days old: igudar key rotate", age(domain.rotated)));
  }

  void check_retention(std::uint64_t days) {
    const SnapshotCatalogue catalogue =
        SnapshotCatalogue::load(repository_, CatalogueSource::cache, stop_, Descriptions::closed);
    std::vector<const CataloguedSnapshot*> old;
    for (const CataloguedSnapshot& each : catalogue.snapshots())
      if (age(each.snapshot.time) > days) old.push_back(&each);
    if (old.empty()) return;
    const std::vector<LegalHold> holds = legal_holds(registry_, now_);
    const std::map<SnapshotId, const LegalHold*> held = held_snapshots(repository_, catalogue, holds, stop_);
    for (const CataloguedSnapshot* each : old)
      if (!held.contains(each->id))
        add(kMaxRetentionRule, DoctorVerdict::broken, "snapshots/" + to_hex(each->id.view()),
            trf("this snapshot is {} days old: igudar forget", age(each->snapshot.time)));
  }

  template <typename Judge>
  void check_passwords(const char* rule, Judge&& judge) {
    for (const SlotInfo& slot : slots_) {
      if (!slot.kdf) continue;
      const std::string complaint = judge(*slot.kdf);
      if (!complaint.empty()) add(rule, DoctorVerdict::broken, "keys/" + slot.id, complaint);
    }
  }

  void check_memory(std::uint64_t mebibytes) {
    check_passwords(kMinMemory, [&](const PasswordKdfParams& kdf) -> std::string {
      const std::uint64_t has = kdf.memory_kib / 1024;
      if (kdf.kdf == PasswordKdf::pbkdf2_sha256 || has >= mebibytes) return "";
      return trf("the key of this password is derived with {} MiB of memory only: igudar key passwd", has);
    });
  }

  void check_rounds(std::uint64_t rounds) {
    check_passwords(kMinRounds, [&](const PasswordKdfParams& kdf) -> std::string {
      if (kdf.kdf != PasswordKdf::pbkdf2_sha256 || kdf.passes >= rounds) return "";
      return trf("the key of this password is derived with {} rounds only: igudar key passwd", kdf.passes);
    });
  }

  void check_recovery_key() {
    const bool has =
        std::any_of(slots_.begin(), slots_.end(), [](const SlotInfo& slot) { return slot.is_recovery_key; });
    if (!policy_.is_yes(kRecoveryKey))
      add(kRecoveryKey, DoctorVerdict::not_set, "", tr("no such rule is set"));
    else if (has)
      add(kRecoveryKey, DoctorVerdict::kept, "", tr("kept: there is a recovery key"));
    else
      add(kRecoveryKey, DoctorVerdict::broken, "", tr("there is no recovery key: igudar key recovery create"));
  }

  void advise() {
    std::size_t ways_in = 0;
    for (const SlotInfo& slot : slots_) {
      const std::string name = "keys/" + slot.id;
      if (!slot.readable)
        add("", DoctorVerdict::advice, name, tr("this key slot cannot be read: make it anew, or remove it"));
      else if (slot.capability == Capability::full)
        ++ways_in;
      if (slot.is_recovery_key && (!slot.tested || now_ - *slot.tested > kRecoveryTestCounts))
        add("", DoctorVerdict::advice, name,
            tr("its recovery key was not tested on this machine in the last 180 days: igudar key recovery test"));
    }
    if (ways_in == 1)
      add("", DoctorVerdict::advice, "",
          tr("a single password or key opens everything: whoever loses it loses all; 'igudar key recovery create' "
             "makes "
             "another way in"));
  }

  void add(const char* rule, DoctorVerdict verdict, std::string object, std::string text) {
    findings_.push_back({rule, verdict, std::move(object), std::move(text)});
  }

  const Repository& repository_;
  const std::stop_token stop_;
  const Registry registry_;
  const RepositoryPolicy policy_;
  const std::vector<SlotInfo> slots_;
  const TimeNs now_;
  std::vector<DoctorFinding> findings_;
};

}  // namespace

std::vector<DoctorFinding> examine(const Repository& repository, std::stop_token stop) {
  return Examination(repository, std::move(stop)).run();
}

}  // namespace igudar
