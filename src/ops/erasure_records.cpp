#include "ops/erasure_records.h"

#include <algorithm>

#include "base/translate.h"
#include "format/byte_writer.h"
#include "format/field_list.h"

namespace igudar {

namespace {

// Of plans, confirmations and what was done alike.
enum Tag : std::uint64_t { kPlan = 1, kSnapshot, kAppliesTo, kDomain };
enum PersonalTag : std::uint64_t { kReason = 1, kPattern, kCopy, kDomainName };
enum CopyTag : std::uint64_t { kLocation = 1, kTested, kPassed, kCounts, kResidualUntil, kHeldBy, kNotReached };
constexpr const char* kWhat = "erasure";
constexpr std::size_t kCountsOfCopy = 6;

template <typename Copy>
auto counts_of(Copy& copy) {
  return std::array<decltype(&copy.entries), kCountsOfCopy>{
      &copy.snapshots_rewritten, &copy.snapshots_erased, &copy.entries, &copy.bytes,
      &copy.chunks_erased,       &copy.chunks_shared};
}

Bytes encode_copy(const ErasedCopy& copy) {
  Bytes out;
  ByteWriter writer(out);
  writer.field(kLocation, copy.location);
  writer.field_i64(kTested, copy.tested);
  writer.field_u8(kPassed, copy.passed ? 1 : 0);
  Bytes counts;
  ByteWriter counts_writer(counts);
  for (const std::uint64_t* count : counts_of(copy)) counts_writer.varint(*count);
  writer.field(kCounts, counts);
  if (copy.residual_until) writer.field_i64(kResidualUntil, *copy.residual_until);
  for (const std::string& who : copy.held_by) writer.field(kHeldBy, who);
  if (!copy.not_reached.empty()) writer.field(kNotReached, copy.not_reached);
  return out;
}

ErasedCopy decode_copy(ByteView value) {
  const FieldList fields(value, kWhat);
  ErasedCopy copy;
  copy.location = fields.text(kLocation);
  copy.tested = fields.i64(kTested);
  copy.passed = fields.u8(kPassed) != 0;
  ByteReader counts = fields.reader(kCounts);
  for (std::uint64_t* count : counts_of(copy)) *count = counts.varint();
  if (fields.find(kResidualUntil)) copy.residual_until = fields.i64(kResidualUntil);
  copy.held_by = fields.texts(kHeldBy);
  if (fields.find(kNotReached)) copy.not_reached = fields.text(kNotReached);
  return copy;
}

std::optional<ErasedDomain> decode_domain(const RegisteredEntry& registered) {
  const FieldList fields(registered.entry.body, kWhat);
  if (!fields.find(kDomain)) return std::nullopt;
  ErasedDomain domain{Id16::from(fields.require(kDomain, Id16::kSize)), {}};
  if (registered.personal) domain.name = FieldList(*registered.personal, kWhat).text(kDomainName);
  return domain;
}

ErasurePlan decode_plan(const RegisteredEntry& registered) {
  const FieldList fields(registered.entry.body, kWhat);
  ErasurePlan plan{.id = registered.id,
                   .signer = registered.entry.signer,
                   .time = registered.entry.time,
                   .domain = decode_domain(registered),
                   .snapshots = fields.ids(kSnapshot)};
  if (registered.personal) {
    const FieldList personal(*registered.personal, kWhat);
    plan.reason = personal.text(kReason);
    plan.patterns = personal.texts(kPattern);
  }
  return plan;
}

ErasureDone decode_done(const RegisteredEntry& registered) {
  const FieldList fields(registered.entry.body, kWhat);
  ErasureDone done{.id = registered.id,
                   .signer = registered.entry.signer,
                   .plan = Id32::from(fields.require(kPlan, Id32::kSize)),
                   .time = registered.entry.time,
                   .applies_to = fields.i64(kAppliesTo),
                   .domain = decode_domain(registered),
                   .snapshots = fields.ids(kSnapshot)};
  if (registered.personal) {
    const FieldList personal(*registered.personal, kWhat);
    done.patterns = personal.texts(kPattern);
    for (const ByteView copy : personal.find_all(kCopy)) done.copies.push_back(decode_copy(copy));
  }
  return done;
}

}  // namespace

bool ErasureDone::complete() const {
  return std::all_of(copies.begin(), copies.end(), [](const ErasedCopy& copy) { return copy.complete(); });
}

std::vector<ErasurePlan> erasure_plans(const Registry& registry) {
  std::vector<ErasurePlan> plans;
  for (const RegisteredEntry* each : registry.current(RegistryType::erasure_plan)) plans.push_back(decode_plan(*each));
  return plans;
}

ErasurePlan find_erasure_plan(const Registry& registry, const std::string& id_prefix) {
  return decode_plan(registry.find(RegistryType::erasure_plan, id_prefix));
}

std::vector<ErasureConfirmation> erasure_confirmations(const Registry& registry, const Id32& plan) {
  std::vector<ErasureConfirmation> found;
  for (const RegisteredEntry* each : registry.current(RegistryType::erasure_confirmation))
    if (FieldList(each->entry.body, kWhat).ids(kPlan) == std::vector<Id32>{plan})
      found.push_back({plan, each->entry.signer, each->entry.time});
  return found;
}

std::optional<ErasureDone> erasure_done(const Registry& registry, const Id32& plan) {
  std::optional<ErasureDone> last;
  for (const RegisteredEntry* each : registry.current(RegistryType::erasure_done))
    if (ErasureDone done = decode_done(*each); done.plan == plan) last = std::move(done);
  return last;
}

Id32 put_erasure_plan(const Repository& repository, const ErasurePlan& plan, std::stop_token stop) {
  NewEntry entry{.type = RegistryType::erasure_plan};
  ByteWriter writer(entry.body);
  for (const SnapshotId& id : plan.snapshots) writer.field(kSnapshot, id.view());
  if (plan.domain) writer.field(kDomain, plan.domain->id.view());
  ByteWriter personal(entry.personal);
  personal.field(kReason, plan.reason);
  for (const std::string& pattern : plan.patterns) personal.field(kPattern, pattern);
  if (plan.domain) personal.field(kDomainName, plan.domain->name);
  return put_registry_entry(repository, entry, stop);
}

Id32 put_erasure_confirmation(const Repository& repository, const Id32& plan, std::stop_token stop) {
  NewEntry entry{.type = RegistryType::erasure_confirmation};
  ByteWriter(entry.body).field(kPlan, plan.view());
  return put_registry_entry(repository, entry, stop);
}

Id32 put_erasure_done(const Repository& repository, const Registry& registry, const ErasureDone& done,
                      std::stop_token stop) {
  NewEntry entry{.type = RegistryType::erasure_done,
                 .replaced = registry.current_ids(RegistryType::erasure_done, [&](const RegisteredEntry& each) {
                   return decode_done(each).plan == done.plan;
                 })};
  ByteWriter writer(entry.body);
  writer.field(kPlan, done.plan.view());
  for (const SnapshotId& id : done.snapshots) writer.field(kSnapshot, id.view());
  writer.field_i64(kAppliesTo, done.applies_to);
  if (done.domain) writer.field(kDomain, done.domain->id.view());
  ByteWriter personal(entry.personal);
  for (const std::string& pattern : done.patterns) personal.field(kPattern, pattern);
  for (const ErasedCopy& copy : done.copies) personal.field(kCopy, encode_copy(copy));
  if (done.domain) personal.field(kDomainName, done.domain->name);
  return put_registry_entry(repository, entry, stop);
}

ErasureLedger::ErasureLedger(const Registry& registry) {
  for (const RegisteredEntry* each : registry.current(RegistryType::erasure_done)) {
    const ErasureDone done = decode_done(*each);
    for (const SnapshotId& id : done.snapshots) snapshots_[id] = done.plan;
    if (done.domain) domains_[done.domain->id] = done.plan;
    if (!done.patterns.empty()) paths_.push_back({PathPatterns(done.patterns), done.applies_to});
  }
}

std::optional<Id32> ErasureLedger::erased(const Id16& domain) const {
  const auto found = domains_.find(domain);
  return found == domains_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Id32> ErasureLedger::erased(const SnapshotId& id) const {
  const auto found = snapshots_.find(id);
  return found == snapshots_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<const PathPatterns*> ErasureLedger::patterns_for(const Snapshot& snapshot) const {
  std::vector<const PathPatterns*> patterns;
  for (const Erased& erased : paths_)
    if (snapshot.storage_time <= erased.applies_to) patterns.push_back(&erased.patterns);
  return patterns;
}

}  // namespace igudar
