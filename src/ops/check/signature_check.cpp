#include "ops/check/signature_check.h"

#include <map>
#include <set>

#include "base/hex.h"
#include "repo/key_slots.h"

namespace igudar {

namespace {

SnapshotSignature without_signer(const Id32& id, SignatureVerdict verdict) {
  SnapshotSignature signature;
  signature.snapshot = to_hex(id.view());
  signature.verdict = verdict;
  return signature;
}

SnapshotSignature signature_of(const CataloguedSnapshot& each, const std::map<Id32, SlotInfo>& slots) {
  SnapshotSignature signature = without_signer(each.id, SignatureVerdict::unknown);
  signature.time = each.snapshot.time;
  signature.signer = to_hex(each.snapshot.signer.view());
  const auto slot = slots.find(each.snapshot.signer);
  if (slot == slots.end()) return signature;
  signature.verdict = SignatureVerdict::valid;
  signature.slot = slot->second.id;
  signature.user = slot->second.user;
  signature.host = slot->second.host;
  return signature;
}

}  // namespace

std::vector<SnapshotSignature> check_signatures(const Repository& repository, const SnapshotCatalogue& catalogue,
                                                LocalState& local, std::stop_token stop) {
  std::map<Id32, SlotInfo> slots;
  for (SlotInfo& slot : list_slots(repository, std::move(stop)))
    if (slot.readable) slots.emplace(slot.signer, std::move(slot));

  std::vector<SnapshotSignature> signatures;
  for (const CataloguedSnapshot& each : catalogue.snapshots()) signatures.push_back(signature_of(each, slots));
  for (const DamagedObject& damaged : catalogue.damaged())
    if (damaged.error.code() == ErrorCode::forged)
      signatures.push_back(without_signer(Id32::from(*from_hex(damaged.name.id)), SignatureVerdict::forged));
  for (const SnapshotId& id : catalogue.replayed())
    signatures.push_back(without_signer(id, SignatureVerdict::replayed));
  std::set<Id32> gone;
  for (const Id32& id : catalogue.missing()) gone.insert(id);
  for (const Id32& id : local.lost_heads(catalogue)) gone.insert(id);
  for (const Id32& id : gone) signatures.push_back(without_signer(id, SignatureVerdict::rolled_back));
  return signatures;
}

}  // namespace igudar
