#include "ops/processing_record.h"

#include <algorithm>

#include "base/translate.h"
#include "format/consent_body.h"

namespace igudar {

namespace {

constexpr ProcessingField kFields[] = {
    {"controller", true, N_("Controller")},
    {"contact", true, N_("Contact of the controller")},
    {"representative", false, N_("Representative in the Union")},
    {"dpo", false, N_("Data protection officer")},
    {"purpose", true, N_("Purposes of the processing")},
    {"data-subjects", true, N_("Categories of data subjects")},
    {"recipients", false, N_("Recipients beside the holders of keys")},
    {"transfers", false, N_("Transfers to third countries, and safeguards")},
    {"retention", false, N_("Time limits for erasure, in words")},
    {"measures", false, N_("Organisational security measures")},
};

std::vector<Id32> entries_of(const Registry& registry, const std::string& name) {
  return registry.current_ids(RegistryType::processing, [&](const RegisteredEntry& each) {
    return decode_processing_name(each.entry.body) == name;
  });
}

void require_known(const std::string& name) {
  if (find_processing_field(name) == nullptr)
    throw Error(ErrorCode::usage, trf("'{}' is nothing that a record of processing has", name));
}

}  // namespace

std::span<const ProcessingField> processing_fields() {
  return kFields;
}

const ProcessingField* find_processing_field(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kFields), std::end(kFields), [&](const ProcessingField& f) { return name == f.name; });
  return found == std::end(kFields) ? nullptr : found;
}

std::map<std::string, std::string> processing_record(const Registry& registry) {
  std::map<std::string, std::string> record;
  for (const RegisteredEntry* each : registry.current(RegistryType::processing)) {
    const std::string name = decode_processing_name(each->entry.body);
    if (each->personal)
      record[name] = decode_processing_value(*each->personal);
    else
      record.erase(name);
  }
  return record;
}

void set_processing(const Repository& repository, const std::string& name, const std::string& text,
                    std::stop_token stop) {
  require_known(name);
  if (text.empty())
    throw Error(ErrorCode::usage, trf("'{}' says no value", name),
                trf("To take it away: igudar privacy unset {}", name));
  const Registry registry = Registry::load(repository, stop);
  put_registry_entry(repository,
                     {.type = RegistryType::processing,
                      .replaced = entries_of(registry, name),
                      .body = encode_processing_name(name),
                      .personal = encode_processing_value(text)},
                     stop);
}

void unset_processing(const Repository& repository, const std::string& name, std::stop_token stop) {
  require_known(name);
  const Registry registry = Registry::load(repository, stop);
  if (!processing_record(registry).contains(name))
    throw Error(ErrorCode::not_found, trf("'{}' is not set", name), tr("See 'igudar privacy report'."));
  put_registry_entry(
      repository,
      {.type = RegistryType::processing, .replaced = entries_of(registry, name), .body = encode_processing_name(name)},
      stop);
}

}  // namespace igudar
