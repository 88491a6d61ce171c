#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"
#include "cli/store_access.h"
#include "cli/text_format.h"
#include "cli/text_table.h"
#include "crypto/fips.h"
#include "ops/crypto/algorithms.h"
#include "ops/crypto/benchmark.h"

namespace igudar {

namespace {

struct KindNames {
  const char* json;
  const char* text;
};

KindNames names_of(AlgorithmKind kind) {
  switch (kind) {
    case AlgorithmKind::cipher_suite:
      return {"cipher_suite", N_("cipher suite")};
    case AlgorithmKind::hash:
      return {"hash", N_("hash")};
    case AlgorithmKind::key_derivation:
      return {"key_derivation", N_("key derivation")};
    case AlgorithmKind::signature:
      return {"signature", N_("signature")};
    case AlgorithmKind::sealed_box:
      return {"sealed_box", N_("sealed box")};
    case AlgorithmKind::recipient:
      return {"recipient", N_("recipient")};
  }
  return {"unknown", N_("unknown")};
}

std::string in_force_text(const FipsStatus& fips) {
  return fips.provider.empty() ? fips.remark : trf("FIPS 140 is kept to; the {} does the work.", fips.provider);
}

void list(const CommandContext& context) {
  std::optional<UsedAlgorithms> used;
  if (const std::optional<std::string> location = context.arguments.value("repo"))
    used = algorithms_in_use(*open_storage(context, *location), context.stop);
  if (used && used->fips) enter_fips_mode();
  const FipsStatus fips = fips_status();
  const std::vector<Algorithm> algorithms = list_algorithms(used);
  if (context.console.json()) {
    Json rows = Json::array();
    for (const Algorithm& each : algorithms)
      rows.push_back({{"kind", names_of(each.kind).json},
                      {"name", each.name},
                      {"purpose", each.purpose},
                      {"fips_approved", each.fips_approved},
                      {"used", each.used ? Json(*each.used) : Json(nullptr)}});
    const Json status = {{"repository", used ? Json(used->fips) : Json(nullptr)},
                         {"in_force", fips.in_force},
                         {"provider", fips.provider.empty() ? Json(nullptr) : Json(json_text(fips.provider))}};
    return context.console.json_line(Json{{"message_type", "crypto"}, {"algorithms", rows}, {"fips", status}}.dump(),
                                     true);
  }
  TextTable table({{""}, {tr("Kind")}, {tr("Name")}, {tr("FIPS 140")}, {tr("Used for")}});
  for (const Algorithm& each : algorithms)
    table.add({each.used.value_or(false) ? "*" : "", tr(names_of(each.kind).text), each.name,
               each.fips_approved ? tr("approved") : "", each.purpose});
  context.console.results(table.lines());
  context.console.info("");
  if (used)
    context.console.info(tr("* what this repository uses; whether some files have digests is in its snapshots"));
  if (fips.in_force) return context.console.info(in_force_text(fips));
  context.console.info(tr(
      "FIPS 140 also asks that a validated module does the work: 'igudar init --fips' makes a repository that keeps to "
      "what is approved, and has OpenSSL's FIPS provider do it where this system has one."));
}

std::string milliseconds(double seconds) {
  return trf("{:.0f} ms", seconds * 1000);
}

std::string kdf_costs(const PasswordKdfParams& params) {
  return params.kdf != PasswordKdf::pbkdf2_sha256
             ? trf("{} passes, {}", params.passes, format_size(std::uint64_t{params.memory_kib} * 1024))
             : trf("{} rounds", format_count(params.passes));
}

const char* operation_text(const std::string& operation) {
  if (operation == "seal") return N_("seal");
  return operation == "open" ? N_("open") : N_("hash");
}

void bench(const CommandContext& context) {
  const CryptoBenchmark results = benchmark_crypto(context.stop);
  if (context.console.json()) {
    Json rates = Json::array();
    for (const CryptoRate& rate : results.rates)
      rates.push_back(
          {{"name", rate.name}, {"operation", rate.operation}, {"bytes_per_second", rate.bytes_per_second}});
    Json derivations = Json::array();
    for (const KdfTime& time : results.derivations)
      derivations.push_back({{"name", password_kdf_name(time.params.kdf)},
                             {"passes", time.params.passes},
                             {"memory_kib", time.params.memory_kib},
                             {"seconds", time.seconds}});
    return context.console.json_line(
        Json{{"message_type", "crypto_bench"}, {"rates", rates}, {"key_derivations", derivations}}.dump(), true);
  }
  TextTable table({{tr("Name")}, {""}, {tr("On one thread"), Align::right}});
  for (const CryptoRate& rate : results.rates)
    table.add({rate.name, tr(operation_text(rate.operation)), trf("{:.0f} MB/s", rate.bytes_per_second / 1e6)});
  for (const KdfTime& time : results.derivations)
    table.add({std::string(password_kdf_name(time.params.kdf)), kdf_costs(time.params), milliseconds(time.seconds)});
  context.console.results(table.lines());
}

}  // namespace

int run_crypto(const CommandContext& context) {
  if (context.arguments.positional()[0] == "bench")
    bench(context);
  else
    list(context);
  return 0;
}

}  // namespace igudar
