#include <nlohmann/json.hpp>

#include "ops/erase/erase.h"

#include <algorithm>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/commands/command.h"
#include "cli/credentials.h"
#include "cli/erasure_certificate.h"
#include "cli/json_fields.h"
#include "cli/monitors.h"
#include "cli/repository_access.h"
#include "cli/store_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"
#include "crypto/hash.h"
#include "keys/key_file.h"
#include "ops/check/check.h"
#include "ops/prune/prune.h"

namespace igudar {

namespace {

std::string hex_of(const Id32& id) {
  return to_hex(id.view());
}

std::unique_ptr<CommandMonitor> monitor_of(const CommandContext& context) {
  return make_monitor(context.console, {.draw_progress = !context.arguments.has("no-progress")}, context.stop);
}

Json json_of(const ErasurePlan& plan) {
  Json snapshots = Json::array();
  for (const SnapshotId& id : plan.snapshots) snapshots.push_back(hex_of(id));
  return {{"id", hex_of(plan.id)},
          {"time", json_time(plan.time)},
          {"signer", hex_of(plan.signer)},
          {"reason", json_text(plan.reason)},
          {"domain", plan.domain ? Json(json_text(plan.domain->name)) : Json()},
          {"paths", json_texts(plan.patterns)},
          {"snapshots", snapshots}};
}

Json json_of(const ErasurePreview& preview) {
  Json snapshots = Json::array();
  for (const PlannedSnapshot& each : preview.snapshots)
    snapshots.push_back(
        {{"id", each.id}, {"time", json_time(each.time)}, {"entries", each.entries}, {"bytes", each.bytes}});
  return {{"snapshots", snapshots},
          {"entries", preview.entries},
          {"files", preview.files},
          {"bytes", preview.bytes},
          {"chunks_erased", preview.chunks_erased},
          {"chunks_shared", preview.chunks_shared},
          {"holds", json_texts(preview.holds)},
          {"locked_until", preview.locked_until ? Json(json_time(*preview.locked_until)) : Json()}};
}

void print(Console& console, const RecordedPlan& recorded) {
  const ErasurePreview& preview = recorded.preview;
  TextTable table({{tr("ID")}, {tr("Time")}, {tr("Entries"), Align::right}, {tr("Size"), Align::right}});
  for (const PlannedSnapshot& each : preview.snapshots)
    table.add({short_id(each.id), format_local_time(each.time), format_count(each.entries), format_size(each.bytes)});
  console.results(table.lines());
  console.info("");
  console.info(
      trf("To be erased: {} in {}, with {} of content", format_counted("{} entry", "{} entries", preview.entries),
          format_counted("{} snapshot", "{} snapshots", preview.snapshots.size()), format_size(preview.bytes)));
  if (preview.chunks_shared > 0)
    console.info(trf("Of the content {} stay: files that are not erased hold the same",
                     format_counted("{} chunk", "{} chunks", preview.chunks_shared)));
  for (const std::string& hold : preview.holds)
    console.warning(trf("the legal hold {} covers it: it cannot be run", escape_message(hold)));
  const std::string id = short_hex(recorded.plan.id.view());
  console.info(trf("Nothing was erased. The plan is {}; to execute it: igudar erase run {}", id, id));
}

void plan(const CommandContext& context) {
  const Arguments& arguments = context.arguments;
  Repository& repository = open_repository(context);
  const std::unique_ptr<CommandMonitor> monitor = monitor_of(context);
  const RecordedPlan recorded = plan_erasure(repository,
                                             {arguments.values("snapshot"), arguments.values("path"),
                                              arguments.value("reason").value_or(""), arguments.value("of-domain")},
                                             *monitor, context.stop);
  monitor->finish();
  if (!context.console.json()) return print(context.console, recorded);
  Json object = {{"message_type", "erase_plan"}, {"plan", json_of(recorded.plan)}};
  object.update(json_of(recorded.preview));
  context.console.json_line(object.dump(), true);
}

const char* status_of(const ErasureState& state) {
  if (state.done) return state.done->complete() ? N_("done") : N_("not complete");
  return state.confirmations.empty() ? N_("planned") : N_("confirmed");
}

void list(const CommandContext& context) {
  Repository& repository = open_repository(context);
  const std::vector<ErasureState> states = list_erasures(repository, context.stop);
  if (context.console.json()) {
    Json all = Json::array();
    for (const ErasureState& state : states) {
      Json one = json_of(state.plan);
      one["status"] = status_of(state);
      one["confirmations"] = state.confirmations.size();
      one["done"] = state.done ? Json(json_time(state.done->time)) : Json();
      all.push_back(one);
    }
    return context.console.json_line(Json{{"message_type", "erasures"}, {"erasures", all}}.dump(), true);
  }
  if (states.empty()) return context.console.info(tr("No erasure was planned."));
  TextTable table({{tr("ID")}, {tr("Planned")}, {tr("Status")}, {tr("What")}, {tr("Reason")}});
  for (const ErasureState& state : states) {
    std::string what;
    for (const std::string& pattern : state.plan.patterns) what += (what.empty() ? "" : "\n") + escape_name(pattern);
    if (state.plan.domain) what = trf("the domain {}", escape_name(state.plan.domain->name));
    for (const SnapshotId& id : state.plan.snapshots)
      what += (what.empty() ? "" : "\n") + trf("snapshot {}", short_id(hex_of(id)));
    table.add({short_id(hex_of(state.plan.id)), format_local_time(state.plan.time), tr(status_of(state)), what,
               escape_name(state.plan.reason)});
  }
  context.console.results(table.lines());
}

void confirm(const CommandContext& context, const std::string& id) {
  Repository& repository = open_repository(context);
  const ErasurePlan confirmed = confirm_erasure(repository, id, context.stop);
  if (context.console.json())
    return context.console.json_line(Json{{"message_type", "erase_confirmed"}, {"id", hex_of(confirmed.id)}}.dump(),
                                     true);
  context.console.info(trf("Confirmed the erasure {}", short_id(hex_of(confirmed.id))));
}

EraseSteps steps_of(CommandMonitor& monitor, const std::stop_token& stop) {
  EraseSteps steps;
  steps.prune = [&monitor, stop](Repository& repository, const std::set<PackName>& packs, bool everything) {
    PruneOptions options{.no_tolerance = packs};
    if (everything) options.max_unused_percent = 0;
    const PruneSummary summary = prune(repository, options, monitor, stop);
    return EraseSteps::Pruned{summary.sweep_postponed, summary.held_by};
  };
  steps.is_sound = [&monitor, stop](Repository& repository) {
    const CheckSummary summary = check(repository, {}, monitor, stop);
    for (const Finding& finding : summary.damage)
      monitor.problem(finding.object, Error(ErrorCode::damaged, finding.text));
    return summary.damage.empty();
  };
  return steps;
}

// What this machine remembers of a copy lies apart: its records are others after an erasure.
UserFolders folders_of_copy(UserFolders folders, const std::string& location) {
  folders.state /= "copies";
  folders.state /= to_hex(sha256(view_of(location)).view().first(16));
  return folders;
}

Repository& open_copy(const CommandContext& context, const Repository& first, const Credential& credential,
                      const std::string& location) {
  Repository opened = open_repository(open_storage(context, location), credential,
                                      folders_of_copy(local_folders(context.arguments), location), context.stop,
                                      context.arguments.value("domain"));
  if (opened.keys().domain() != first.keys().domain())
    throw Error(ErrorCode::usage, trf("{} is another repository, not a copy of this one", location),
                tr("Plan the erasure there as well."));
  return context.audit.begin_in_copy(std::move(opened));
}

// The other copies, opened with the credential of the first; they stay open until the command is over.
std::vector<OtherCopy> open_copies(const CommandContext& context, const Repository& first,
                                   const Credential& credential) {
  std::vector<OtherCopy> copies;
  for (const std::string& location : context.arguments.values("also")) {
    OtherCopy copy{.location = location};
    try {
      copy.repository = &open_copy(context, first, credential, location);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::usage || error.code() == ErrorCode::interrupted) throw;
      copy.not_reached = error.what();
      context.console.warning(trf("{} is not reached: {}", escape_message(location), error.what()));
    }
    copies.push_back(std::move(copy));
  }
  return copies;
}

Json json_of(const ErasedCopy& copy) {
  Json object = {{"location", json_text(copy.location)},
                 {"not_reached", json_text(copy.not_reached)},
                 {"tested", json_time(copy.tested)},
                 {"passed", copy.passed},
                 {"complete", copy.complete()},
                 {"residual_until", copy.residual_until ? Json(json_time(*copy.residual_until)) : Json()},
                 {"held_by", json_texts(copy.held_by)}};
  object.update(erased_counts(copy));
  return object;
}

void print(Console& console, const ErasedCopy& copy) {
  if (!copy.not_reached.empty())
    return console.info(trf("{}: not reached: {}", escape_name(copy.location), escape_message(copy.not_reached)));
  console.info(trf("{}: erased {} from {}", escape_name(copy.location),
                   format_counted("{} entry", "{} entries", copy.entries),
                   format_counted("{} snapshot", "{} snapshots", copy.snapshots_rewritten + copy.snapshots_erased)));
  if (copy.chunks_shared > 0)
    console.info(trf("  {} of the content stay: files that were not erased hold the same",
                     format_counted("{} chunk", "{} chunks", copy.chunks_shared)));
  console.info(copy.passed ? tr("  Tested: nothing of it is left there")
                           : tr("  Tested: something of it is left there"));
  if (copy.residual_until)
    console.info(trf("  A running backup holds off what is left, until {} unless it goes on. Run it again then.",
                     format_local_time(*copy.residual_until)));
  for (const std::string& who : copy.held_by) console.info("    " + escape_message(who));
}

int run(const CommandContext& context, const std::string& id) {
  std::unique_ptr<Credential> credential;
  Repository& repository = open_repository(context, repository_credential, &credential);
  const std::vector<OtherCopy> others = open_copies(context, repository, *credential);
  const std::unique_ptr<CommandMonitor> monitor = monitor_of(context);
  const ErasureDone done =
      run_erasure(repository, id, others, steps_of(*monitor, context.stop), *monitor, context.stop);
  monitor->finish();
  if (context.console.json()) {
    Json copies = Json::array();
    for (const ErasedCopy& copy : done.copies) copies.push_back(json_of(copy));
    context.console.json_line(Json{{"message_type", "erased"},
                                   {"plan", hex_of(done.plan)},
                                   {"time", json_time(done.time)},
                                   {"complete", done.complete()},
                                   {"copies", copies}}
                                  .dump(),
                              true);
  } else {
    for (const ErasedCopy& copy : done.copies) print(context.console, copy);
    if (done.complete())
      context.console.info(
          trf("The erasure is complete. For its certificate: igudar erase certificate {} --output FILE",
              short_id(hex_of(done.plan))));
  }
  return done.complete() ? 0 : exit_status(ErrorCode::incomplete);
}

void write_certificate(const CommandContext& context, const std::string& id) {
  const std::optional<std::string> output = context.arguments.value("output");
  if (!output || !(output->ends_with(".json") || output->ends_with(".pdf")))
    throw Error(ErrorCode::usage, tr("the file to write is missing"), tr("Give one with --output: .json or .pdf"));
  Repository& repository = open_repository(context);
  require_registry_rights(repository.keys());
  const std::string json = erasure_certificate_json(repository, find_erasure(repository, id, context.stop));
  if (output->ends_with(".pdf"))
    write_secret_file(*output, erasure_certificate_pdf(json).view());
  else
    write_secret_file(*output, view_of(json));
  if (context.console.json()) {
    Json object = {{"message_type", "erasure_certificate"}};
    put_name(object, "path", *output);
    return context.console.json_line(object.dump(), true);
  }
  context.console.info(trf("Wrote {}", context.console.shown_name(*output)));
}

void verify_certificate(const CommandContext& context, const std::string& file) {
  const Bytes json = read_public_file(file);
  const VerifiedCertificate verified = verify_erasure_certificate(text_of(json));
  std::optional<bool> of_repository;
  if (context.arguments.value("repo")) {
    const Config config = decode_config(open_storage(context, repository_location(context.arguments))
                                            ->get({ObjectKind::config, ""}, kLargestConfig, context.stop));
    of_repository = to_hex(config.authority.view()) == verified.authority &&
                    to_hex(config.repository.view()) == verified.repository;
    if (!*of_repository)
      throw Error(ErrorCode::forged, tr("the certificate is of another repository, or of another authority"),
                  tr("Compare the authority's fingerprint with what 'igudar stats' shows."));
  }
  if (context.console.json())
    return context.console.json_line(Json{{"message_type", "verified_certificate"},
                                          {"repository", verified.repository},
                                          {"plan", verified.plan},
                                          {"issued", verified.issued},
                                          {"authority", verified.authority},
                                          {"signer", verified.signer},
                                          {"complete", verified.complete},
                                          {"of_repository", of_repository ? Json(*of_repository) : Json()}}
                                         .dump(),
                                     true);
  context.console.result(trf("The signature is valid. Issued {}, of the repository {}", escape_name(verified.issued),
                             escape_name(verified.repository)));
  context.console.result(trf("Authority: {}", verified.authority));
  context.console.result(verified.complete ? tr("The erasure is complete.") : tr("The erasure is NOT complete."));
  if (of_repository) context.console.result(tr("The authority is that of the repository named."));
}

[[noreturn]] void fail_action(const std::string& word) {
  throw Error(
      ErrorCode::usage, trf("'{}' is nothing that can be done here, or something after it is missing", word),
      trf("It can be one of: {}", "plan, list, confirm PLAN, run PLAN, certificate PLAN, verify-certificate FILE"));
}

}  // namespace

int run_erase(const CommandContext& context) {
  const std::vector<std::string>& words = context.arguments.positional();
  const std::string& action = words[0];
  const bool alone = action == "plan" || action == "list";
  if (words.size() != (alone ? 1U : 2U)) fail_action(action);
  if (action == "plan")
    plan(context);
  else if (action == "list")
    list(context);
  else if (action == "confirm")
    confirm(context, words[1]);
  else if (action == "run")
    return run(context, words[1]);
  else if (action == "certificate")
    write_certificate(context, words[1]);
  else if (action == "verify-certificate")
    verify_certificate(context, words[1]);
  else
    fail_action(action);
  return 0;
}

}  // namespace igudar
