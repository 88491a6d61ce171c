#include "ops/legal_holds.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "format/byte_writer.h"
#include "format/field_list.h"
#include "ops/matching_entries.h"

namespace igudar {

namespace {

enum Tag : std::uint64_t { kSnapshot = 1, kAll, kUntil, kHasPatterns, kRelease, kExtends };
enum PersonalTag : std::uint64_t { kReason = 1, kPattern };
constexpr const char* kWhat = "legal hold";

LegalHold decode_hold(const RegisteredEntry& registered) {
  const FieldList fields(registered.entry.body, kWhat);
  LegalHold hold{.id = registered.id, .time = registered.entry.time, .signer = registered.entry.signer};
  hold.all = fields.find(kAll).has_value();
  hold.snapshots = fields.ids(kSnapshot);
  if (fields.find(kUntil)) hold.until = fields.i64(kUntil);
  if (registered.personal) {
    const FieldList personal(*registered.personal, kWhat);
    hold.reason = personal.text(kReason);
    hold.patterns = personal.texts(kPattern);
  } else {
    hold.readable = !fields.find(kHasPatterns);
  }
  return hold;
}

Bytes personal_part(const std::string& reason, const std::vector<std::string>& patterns) {
  Bytes personal;
  ByteWriter writer(personal);
  writer.field(kReason, reason);
  for (const std::string& pattern : patterns) writer.field(kPattern, pattern);
  return personal;
}

void require_reason(const std::string& reason) {
  if (reason.empty()) throw Error(ErrorCode::usage, tr("a legal hold needs a reason"), tr("Give one with --reason."));
}

}  // namespace

std::string LegalHold::shown() const {
  const std::string digits = short_hex(id.view());
  return reason.empty() ? digits : digits + " (" + reason + ")";
}

std::vector<LegalHold> legal_holds(const Registry& registry, TimeNs now) {
  std::vector<LegalHold> holds;
  for (const RegisteredEntry* each : registry.current(RegistryType::legal_hold)) {
    const FieldList fields(each->entry.body, kWhat);
    if (fields.find(kRelease) || fields.find(kExtends)) continue;
    LegalHold hold = decode_hold(*each);
    if (!hold.until || *hold.until > now) holds.push_back(std::move(hold));
  }
  for (const RegisteredEntry* each : registry.current(RegistryType::legal_hold)) {
    const FieldList fields(each->entry.body, kWhat);
    if (!fields.find(kExtends)) continue;
    const Id32 extended = Id32::from(fields.require(kExtends, Id32::kSize));
    for (LegalHold& hold : holds)
      if (hold.id == extended)
        for (const SnapshotId& id : fields.ids(kSnapshot)) hold.snapshots.push_back(id);
  }
  return holds;
}

Id32 set_hold(const Repository& repository, const NewHold& hold, std::stop_token stop) {
  require_reason(hold.reason);
  if (!hold.all && hold.snapshots.empty() && hold.patterns.empty())
    throw Error(ErrorCode::usage, tr("nothing says what is to be held"), tr("Give --snapshot, --path or --all."));
  (void)PathPatterns(hold.patterns);  // that they can be used
  NewEntry entry{.type = RegistryType::legal_hold, .personal = personal_part(hold.reason, hold.patterns)};
  ByteWriter writer(entry.body);
  for (const SnapshotId& id : hold.snapshots) writer.field(kSnapshot, id.view());
  if (hold.all) writer.field_u8(kAll, 1);
  if (hold.until) writer.field_i64(kUntil, *hold.until);
  if (!hold.patterns.empty()) writer.field_u8(kHasPatterns, 1);
  return put_registry_entry(repository, entry, stop);
}

void extend_hold(const Repository& repository, const LegalHold& hold, const SnapshotId& snapshot,
                 std::stop_token stop) {
  NewEntry entry{.type = RegistryType::legal_hold};
  ByteWriter writer(entry.body);
  writer.field(kSnapshot, snapshot.view());
  writer.field(kExtends, hold.id.view());
  put_registry_entry(repository, entry, stop);
}

Id32 release_hold(const Repository& repository, const std::string& id_prefix, const std::string& reason,
                  std::stop_token stop) {
  require_reason(reason);
  const Registry registry = Registry::load(repository, stop);
  const Id32 id = registry.find(RegistryType::legal_hold, id_prefix).id;
  const std::vector<const RegisteredEntry*> current = registry.current(RegistryType::legal_hold);
  const auto held = std::find_if(current.begin(), current.end(), [&](const RegisteredEntry* e) { return e->id == id; });
  if (held == current.end() || FieldList((*held)->entry.body, kWhat).find(kRelease) ||
      FieldList((*held)->entry.body, kWhat).find(kExtends))
    throw Error(ErrorCode::not_found, trf("there is no legal hold '{}'", id_prefix), tr("See 'igudar hold list'."));
  NewEntry entry{.type = RegistryType::legal_hold, .replaced = {id}, .personal = personal_part(reason, {})};
  ByteWriter(entry.body).field_u8(kRelease, 1);
  put_registry_entry(repository, entry, stop);
  return id;
}

std::map<SnapshotId, const LegalHold*> held_snapshots(const Repository& repository, const SnapshotCatalogue& catalogue,
                                                      const std::vector<LegalHold>& holds, std::stop_token stop) {
  std::map<SnapshotId, const LegalHold*> held;
  for (const LegalHold& hold : holds) {
    for (const SnapshotId& id : hold.snapshots) held.try_emplace(id, &hold);
    if (hold.all || !hold.readable)
      for (const CataloguedSnapshot& each : catalogue.snapshots()) held.try_emplace(each.id, &hold);
  }
  std::optional<ReaderIndex> index;
  for (const LegalHold& hold : holds) {
    if (hold.patterns.empty()) continue;
    if (!index)
      index.emplace(
          repository, [](const ObjectName&, const Error&) {}, stop);
    const PathPatterns patterns(hold.patterns);
    ChunkReader pages(repository, *index);
    MatchingEntries matching(pages, [&](std::string_view path, bool folder) { return patterns.matches(path, folder); });
    for (const CataloguedSnapshot& each : catalogue.snapshots()) {
      if (held.contains(each.id)) continue;
      try {
        if (matching.count(each.snapshot, stop).entries > 0) held[each.id] = &hold;
      } catch (const Error& error) {
        if (!is_loss(error)) throw;
        held[each.id] = &hold;
      }
    }
  }
  return held;
}

}  // namespace igudar
