#pragma once

#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "repo/registry.h"

namespace igudar {

// What a record of processing (GDPR article 30) says and no repository knows by itself: who is responsible, what for,
// of whom. Registry entries of type 8, NAME=TEXT; the texts are personal. Thread-safe functions.

struct ProcessingField {
  const char* name;
  bool required;      // by article 30(1), of everybody
  const char* label;  // marked for the catalogue
};
std::span<const ProcessingField> processing_fields();
const ProcessingField* find_processing_field(std::string_view name);

// What is set, as far as the slot may read it. Of several entries for one name the last one counts.
std::map<std::string, std::string> processing_record(const Registry& registry);

// Durable once they return. Throw usage for an unknown name or an empty text, permission without the capability full;
// unset_processing not_found when it is not set.
void set_processing(const Repository& repository, const std::string& name, const std::string& text,
                    std::stop_token stop);
void unset_processing(const Repository& repository, const std::string& name, std::stop_token stop);

}  // namespace igudar
