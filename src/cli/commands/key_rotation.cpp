#include "cli/commands/key_rotation.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/json_fields.h"
#include "cli/monitors.h"
#include "cli/prune_report.h"
#include "cli/text_format.h"
#include "cli/text_table.h"
#include "ops/prune/prune.h"
#include "ops/rekey/rekey.h"
#include "repo/key_rotation.h"

namespace igudar {

namespace {

Json json_of(const KeyRing& keys, const KeyRotation& rotation) {
  return {{"message_type", "keys_rotated"},
          {"domain", json_text(keys.domain_name())},
          {"epoch", rotation.epoch},
          {"holders", rotation.holders},
          {"left_over", rotation.left_over}};
}

void print(Console& console, const KeyRing& keys, const KeyRotation& rotation) {
  console.info(trf_plural("Changed the keys of the domain {}: epoch {}, granted to {} key",
                          "Changed the keys of the domain {}: epoch {}, granted to {} keys", rotation.holders,
                          escape_name(keys.domain_name()), rotation.epoch, rotation.holders));
  for (const std::string& id : rotation.left_over)
    console.warning(
        trf("the key {} did not get the new keys, since what granted it the old ones is lost: make "
            "it anew with 'igudar key add'",
            short_id(id)));
}

Rekeying asked(const Arguments& arguments) {
  if (arguments.has("reencrypt")) return Rekeying::content;
  return arguments.has("rewrap") ? Rekeying::secrets : Rekeying::none;
}

void rotate(const CommandContext& context, const Repository& repository) {
  RotateOptions options{.older = asked(context.arguments)};
  if (context.arguments.given("cipher"))
    options.suite = find_cipher_suite(context.arguments.value_or_default("cipher"));
  const KeyRotation rotation = rotate_keys(repository, options, context.stop);
  if (context.console.json())
    context.console.json_line(json_of(repository.keys(), rotation).dump(), true);
  else
    print(context.console, repository.keys(), rotation);
}

// Whether an earlier run of the same did not come to its end, and no other suite is asked for.
bool goes_on(const CommandContext& context, const Repository& repository, Rekeying depth) {
  return !context.arguments.given("cipher") && rekeying_asked(repository, context.stop) == depth &&
         is_rekeying_due(repository, depth, context.stop);
}

void print(Console& console, Rekeying depth, std::uint16_t epoch, const RekeyingSummary& done) {
  if (depth == Rekeying::content)
    console.info(trf_plural("Stored {} snapshot anew under the keys of epoch {}: {}",
                            "Stored {} snapshots anew under the keys of epoch {}: {}", done.snapshots,
                            format_count(done.snapshots), epoch, format_size(done.bytes)));
  else
    console.info(trf_plural("Sealed the secrets of {} snapshot to the keys of epoch {}",
                            "Sealed the secrets of {} snapshots to the keys of epoch {}", done.snapshots,
                            format_count(done.snapshots), epoch));
}

void take_over(const CommandContext& context, Repository& repository, Rekeying depth) {
  const std::unique_ptr<CommandMonitor> monitor =
      make_monitor(context.console, {.draw_progress = !context.arguments.has("no-progress")}, context.stop);
  const RekeyingSummary done = rekey(repository, depth, *monitor, context.stop);
  PruneOptions options{.no_tolerance = done.packs};
  if (depth == Rekeying::secrets) options.copied = done.packs;
  const PruneSummary pruned = prune(repository, options, *monitor, context.stop);
  const bool complete = !is_rekeying_due(repository, depth, context.stop);
  monitor->finish();
  context.audit.count("snapshots", done.snapshots);
  note_prune(context, pruned, false);
  const std::uint16_t epoch = repository.keys().epochs().back().epoch;
  if (context.console.json()) {
    const char* type = depth == Rekeying::content ? "reencrypted" : "rewrapped";
    const Json object = {{"message_type", type}, {"epoch", epoch},          {"snapshots", done.snapshots},
                         {"bytes", done.bytes},  {"stamped", done.stamped}, {"complete", complete}};
    context.console.json_line(object.dump(), true);
    return context.console.json_line(prune_json(pruned, false), true);
  }
  print(context.console, depth, epoch, done);
  if (done.stamped > 0)
    context.console.info(
        trf_plural("{} of them had a time-stamp, which goes with the old record: 'igudar timestamp' "
                   "gets one for the new",
                   "{} of them had time-stamps, which go with the old records: 'igudar timestamp' gets "
                   "some for the new",
                   done.stamped, format_count(done.stamped)));
  print_prune(context.console, pruned, false);
  if (complete)
    context.console.info(tr("Nothing that was backed up can be read with the older keys any more."));
  else
    context.console.warning(
        tr("something of what was stored under the older keys is there still: run the command again later"));
}

}  // namespace

void run_key_rotation(const CommandContext& context, const Repository& repository) {
  const Rekeying depth = asked(context.arguments);
  if (context.arguments.has("rewrap") && context.arguments.has("reencrypt"))
    throw Error(ErrorCode::usage, trf("--{} and --{} cannot be given together", "rewrap", "reencrypt"));
  if (depth == Rekeying::none) return rotate(context, repository);
  if (goes_on(context, repository, depth))
    context.console.info(tr("Going on with what an earlier run began."));
  else
    rotate(context, repository);
  Repository with_new_keys = repository.open_domain(repository.keys().domain(), context.stop);
  take_over(context, with_new_keys, depth);
}

}  // namespace igudar
