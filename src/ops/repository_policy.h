#pragma once

#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "repo/registry.h"

namespace igudar {

// The rules of a repository that its key holders agreed on, kept in its registry: NAME=VALUE. Thread-safe functions.

enum class PolicyValue : std::uint8_t { yes_no, number };
struct PolicyRule {
  const char* name;
  PolicyValue value;
  const char* meaning;  // marked for the catalogue: a line without a full stop
};
constexpr const char* kMaxKeyAgeRule = "max-key-age";
constexpr const char* kMaxRetentionRule = "max-retention";
constexpr const char* kEraseConfirmationRule = "erase-confirmation";
// Every rule that this program knows.
std::span<const PolicyRule> policy_rules();
const PolicyRule* find_policy_rule(std::string_view name);

class RepositoryPolicy {
 public:
  // Of several entries for one name, set by two key holders at once, the last one counts.
  explicit RepositoryPolicy(const Registry& registry);
  static RepositoryPolicy load(const Repository& repository, std::stop_token stop);

  // What is set, names that this program does not know included.
  const std::map<std::string, std::string>& values() const { return values_; }
  bool is_yes(const std::string& name) const;  // no where it is not set
  std::optional<std::uint64_t> number(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

// Durable once they return. Throw usage for a name or value that is not in the table, permission without the capability
// full; unset_policy not_found when it is not set.
void set_policy(const Repository& repository, const std::string& name, const std::string& value, std::stop_token stop);
void unset_policy(const Repository& repository, const std::string& name, std::stop_token stop);

}  // namespace igudar
