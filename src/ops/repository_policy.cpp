#include "ops/repository_policy.h"

#include <algorithm>
#include <charconv>

#include "base/translate.h"
#include "format/byte_writer.h"
#include "format/field_list.h"

namespace igudar {

namespace {

enum Tag : std::uint64_t { kName = 1, kValue };

constexpr PolicyRule kRules[] = {
    {kEraseConfirmationRule, PolicyValue::yes_no,
     N_("an erasure needs the word of a second key holder before it runs: yes or no")},
    {kMaxKeyAgeRule, PolicyValue::number, N_("after so many days a key or password is to be replaced")},
    {kMaxRetentionRule, PolicyValue::number,
     N_("after so many days a snapshot is to be gone, unless a legal hold covers it")},
    {"min-password-memory", PolicyValue::number, N_("MiB of memory that deriving a password's key takes at least")},
    {"min-pbkdf2-rounds", PolicyValue::number, N_("rounds of PBKDF2 at least")},
    {"require-recovery-key", PolicyValue::yes_no, N_("the repository is to have a recovery key: yes or no")},
};

std::optional<std::uint64_t> parsed_number(const std::string& text) {
  constexpr std::uint64_t kMost = 1'000'000'000'000;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number > kMost) return std::nullopt;
  return number;
}

struct Setting {
  std::string name;
  std::optional<std::string> value;  // none: no longer set
};

Setting decode_setting(const RegistryEntry& entry) {
  const FieldList fields(entry.body, "policy");
  Setting setting{fields.text(kName), {}};
  if (fields.find(kValue)) setting.value = fields.text(kValue);
  return setting;
}

void put_setting(const Repository& repository, const Registry& registry, const Setting& setting, std::stop_token stop) {
  NewEntry entry{.type = RegistryType::policy,
                 .replaced = registry.current_ids(RegistryType::policy, [&](const RegisteredEntry& each) {
                   return decode_setting(each.entry).name == setting.name;
                 })};
  ByteWriter writer(entry.body);
  writer.field(kName, setting.name);
  if (setting.value) writer.field(kValue, *setting.value);
  put_registry_entry(repository, entry, stop);
}

}  // namespace

std::span<const PolicyRule> policy_rules() {
  return kRules;
}

const PolicyRule* find_policy_rule(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kRules), std::end(kRules), [&](const PolicyRule& r) { return name == r.name; });
  return found == std::end(kRules) ? nullptr : found;
}

RepositoryPolicy::RepositoryPolicy(const Registry& registry) {
  for (const RegisteredEntry* each : registry.current(RegistryType::policy)) {
    Setting setting = decode_setting(each->entry);
    if (setting.value)
      values_[setting.name] = *setting.value;
    else
      values_.erase(setting.name);
  }
}

RepositoryPolicy RepositoryPolicy::load(const Repository& repository, std::stop_token stop) {
  return RepositoryPolicy(Registry::load(repository, stop));
}

bool RepositoryPolicy::is_yes(const std::string& name) const {
  const auto found = values_.find(name);
  return found != values_.end() && found->second == "yes";
}

std::optional<std::uint64_t> RepositoryPolicy::number(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : parsed_number(found->second);
}

void set_policy(const Repository& repository, const std::string& name, const std::string& value, std::stop_token stop) {
  const PolicyRule* rule = find_policy_rule(name);
  if (rule == nullptr) throw Error(ErrorCode::usage, trf("'{}' is no rule of a policy", name));
  const bool fits =
      rule->value == PolicyValue::yes_no ? value == "yes" || value == "no" : parsed_number(value).has_value();
  if (!fits) throw Error(ErrorCode::usage, trf("'{}' is not a value of the rule '{}'", value, name), tr(rule->meaning));
  put_setting(repository, Registry::load(repository, stop), {name, value}, stop);
}

void unset_policy(const Repository& repository, const std::string& name, std::stop_token stop) {
  const Registry registry = Registry::load(repository, stop);
  if (!RepositoryPolicy(registry).values().contains(name))
    throw Error(ErrorCode::not_found, trf("the rule '{}' is not set", name), tr("See 'igudar policy show'."));
  put_setting(repository, registry, {name, std::nullopt}, stop);
}

}  // namespace igudar
