#include "cli/erasure_certificate.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "cli/json_fields.h"
#include "cli/pdf_page.h"
#include "cli/text_format.h"

namespace igudar {

namespace {

constexpr const char* kPurpose = "igudar erasure certificate 1";

// Sorted keys, no blanks: what is signed.
using Sorted = nlohmann::json;

Bytes signed_message(const Sorted& certificate) {
  return copy_of(view_of(std::string(kPurpose) + certificate.dump()));
}

Sorted copy_json(const ErasedCopy& copy) {
  Sorted object = {{"location", json_text(copy.location)},
                   {"reached", copy.not_reached.empty()},
                   {"not_reached", json_text(copy.not_reached)},
                   {"negative_test", {{"time", json_time(copy.tested)}, {"passed", copy.passed}}},
                   {"residual_until", copy.residual_until ? Sorted(json_time(*copy.residual_until)) : Sorted()},
                   {"held_by", Sorted(json_texts(copy.held_by))}};
  object.update(Sorted(erased_counts(copy)));
  return object;
}

Sorted contents(const Repository& repository, const ErasureState& erasure) {
  const ErasurePlan& plan = erasure.plan;
  Sorted paths = Sorted::array();
  for (const std::string& pattern : plan.patterns) {
    Json path = Json::object();
    put_name(path, "pattern", pattern);
    paths.push_back(Sorted(path));
  }
  Sorted snapshots = Sorted::array();
  for (const SnapshotId& id : plan.snapshots) snapshots.push_back(to_hex(id.view()));
  Sorted confirmations = Sorted::array();
  for (const ErasureConfirmation& each : erasure.confirmations)
    confirmations.push_back({{"signer", to_hex(each.signer.view())}, {"time", json_time(each.time)}});
  Sorted copies = Sorted::array();
  for (const ErasedCopy& copy : erasure.done->copies) copies.push_back(copy_json(copy));
  return {{"certificate", "erasure"},
          {"version", 1},
          {"repository", to_hex(repository.config().repository.view())},
          {"domain", to_hex(repository.keys().domain().view())},
          {"issued", json_time(wall_clock_ns())},
          {"plan",
           {{"id", to_hex(plan.id.view())},
            {"time", json_time(plan.time)},
            {"signer", to_hex(plan.signer.view())},
            {"reason", json_text(plan.reason)},
            {"erased_domain", plan.domain ? Sorted{{"id", to_hex(plan.domain->id.view())},
                                                   {"name", Sorted(json_text(plan.domain->name))}}
                                          : Sorted()},
            {"paths", paths},
            {"snapshots", snapshots}}},
          {"confirmations", confirmations},
          {"done",
           {{"id", to_hex(erasure.done->id.view())},
            {"time", json_time(erasure.done->time)},
            {"signer", to_hex(erasure.done->signer.view())}}},
          {"complete", erasure.done->complete()},
          {"copies", copies}};
}

Sorted parsed(std::string_view json) {
  Sorted document = Sorted::parse(json, nullptr, false);
  if (!document.is_object() || !document.contains("certificate") || !document.contains("signature"))
    throw Error(ErrorCode::usage, tr("this is no certificate of an erasure"));
  return document;
}

template <std::size_t N>
FixedId<N> id_field(const Sorted& object, const char* name) {
  const std::optional<Bytes> bytes = from_hex(object.at(name).get<std::string>());
  if (!bytes || bytes->size() != N) throw Error(ErrorCode::usage, tr("this is no certificate of an erasure"));
  return FixedId<N>::from(*bytes);
}

std::string text(const Sorted& value) {
  return value.is_string() ? text_for_pdf(value.get<std::string>()) : value.dump();
}

void put_copy(PdfDocument& document, const Sorted& copy) {
  document.line("Helvetica-Bold", 10, text(copy.at("location")));
  if (!copy.at("reached").get<bool>())
    return document.paragraphs({trf("Not reached: {}", text(copy.at("not_reached")))});
  const auto number = [&](const char* name) { return copy.at(name).get<std::uint64_t>(); };
  std::vector<std::string> lines;
  lines.push_back(trf("Snapshots erased: {}; rewritten: {}. Entries erased: {}, with {}.", number("snapshots_erased"),
                      number("snapshots_rewritten"), number("entries"), format_size(number("bytes"))));
  lines.push_back(trf("Chunks destroyed: {}. Kept because other files hold the same content: {}.",
                      number("chunks_erased"), number("chunks_shared")));
  const Sorted& test = copy.at("negative_test");
  lines.push_back(trf(test.at("passed").get<bool>() ? N_("Negative test of {}: passed, nothing was found.")
                                                    : N_("Negative test of {}: NOT passed."),
                      text(test.at("time"))));
  if (!copy.at("residual_until").is_null())
    lines.push_back(trf("Residual copies exist until {}.", text(copy.at("residual_until"))));
  document.paragraphs(lines);
}

}  // namespace

Json erased_counts(const ErasedCopy& copy) {
  return {{"snapshots_rewritten", copy.snapshots_rewritten},
          {"snapshots_erased", copy.snapshots_erased},
          {"entries", copy.entries},
          {"bytes", copy.bytes},
          {"chunks_erased", copy.chunks_erased},
          {"chunks_shared", copy.chunks_shared}};
}

std::string erasure_certificate_json(const Repository& repository, const ErasureState& erasure) {
  if (!erasure.done)
    throw Error(ErrorCode::not_found, tr("this erasure was not run yet: there is nothing to certify"),
                trf("Run it: igudar erase run {}", short_hex(erasure.plan.id.view())));
  const Sorted certificate = contents(repository, erasure);
  const KeyRing& keys = repository.keys();
  const Sorted signature = {{"algorithm", "ed25519"},
                            {"authority", to_hex(keys.authority().view())},
                            {"capability", static_cast<unsigned>(keys.signer().capability)},
                            {"certificate", to_hex(keys.signer().certificate)},
                            {"signer", to_hex(keys.signer().key.public_key.view())},
                            {"value", to_hex(sign(keys.signer().key, signed_message(certificate)))}};
  return Sorted{{"certificate", certificate}, {"signature", signature}}.dump(2) + "\n";
}

VerifiedCertificate verify_erasure_certificate(std::string_view json) {
  const Sorted document = parsed(json);
  try {
    const Sorted& certificate = document.at("certificate");
    const Sorted& signature = document.at("signature");
    const Id32 authority = id_field<32>(signature, "authority");
    const Id32 signer = id_field<32>(signature, "signer");
    const Id16 repository = id_field<16>(certificate, "repository");
    const Id16 domain = id_field<16>(certificate, "domain");
    const auto capability = static_cast<Capability>(signature.at("capability").get<unsigned>());
    const bool genuine =
        capability == Capability::full &&
        is_certified(authority, domain, signer, capability, id_field<64>(signature, "certificate").view()) &&
        verify_signature(signer, signed_message(certificate), id_field<64>(signature, "value").view());
    if (!genuine)
      throw Error(ErrorCode::forged, tr("the certificate's signature is not valid: something in it was changed"));
    return {to_hex(repository.view()),
            certificate.at("plan").at("id").get<std::string>(),
            certificate.at("issued").get<std::string>(),
            to_hex(authority.view()),
            to_hex(signer.view()),
            certificate.at("complete").get<bool>()};
  } catch (const Sorted::exception&) {
    throw Error(ErrorCode::usage, tr("this is no certificate of an erasure"));
  }
}

SecretBytes erasure_certificate_pdf(std::string_view json) {
  const Sorted document = parsed(json);
  const Sorted& certificate = document.at("certificate");
  const Sorted& plan = certificate.at("plan");
  PdfDocument pdf;
  pdf.line("Helvetica-Bold", 18, tr("Certificate of erasure"));
  pdf.space(8);
  pdf.paragraphs(
      {trf("Repository: {}", text(certificate.at("repository"))),
       trf("Plan: {}, made {} by the key {}", text(plan.at("id")), text(plan.at("time")), text(plan.at("signer"))),
       trf("Reason: {}", text(plan.at("reason")))});
  for (const Sorted& each : certificate.at("confirmations"))
    pdf.paragraphs({trf("Confirmed {} by the key {}", text(each.at("time")), text(each.at("signer")))});
  pdf.paragraphs({trf("Executed {} by the key {}", text(certificate.at("done").at("time")),
                      text(certificate.at("done").at("signer")))});
  pdf.space(6);
  pdf.line("Helvetica-Bold", 12, tr("What was erased"));
  if (const Sorted& domain = plan.at("erased_domain"); !domain.is_null())
    pdf.paragraphs(
        {trf("The whole domain {} ({}), by destroying its keys", text(domain.at("name")), text(domain.at("id")))});
  for (const Sorted& path : plan.at("paths")) pdf.paragraphs({text(path.at("pattern"))});
  for (const Sorted& id : plan.at("snapshots")) pdf.paragraphs({trf("Snapshot {}", text(id))});
  pdf.space(6);
  pdf.line("Helvetica-Bold", 12, tr("Copies"));
  for (const Sorted& copy : certificate.at("copies")) put_copy(pdf, copy);
  pdf.space(6);
  pdf.paragraphs(
      {certificate.at("complete").get<bool>() ? tr("The erasure is complete.") : tr("The erasure is NOT complete.")});
  const Sorted& signature = document.at("signature");
  pdf.line("Helvetica-Bold", 12, tr("Signature"));
  pdf.paragraphs(
      {tr("What counts is the JSON document: 'igudar erase verify-certificate' verifies its signature. Names "
          "that these letters cannot show are whole there."),
       trf("Issued {}", text(certificate.at("issued")))});
  for (const char* field : {"signer", "authority", "value"}) {
    const std::string value = text(signature.at(field));
    for (std::size_t at = 0; at < value.size(); at += 64)
      pdf.line("Courier", 9, (at == 0 ? std::string(field) + ": " : std::string(11, ' ')) + value.substr(at, 64));
  }
  return pdf.content();
}

}  // namespace igudar
