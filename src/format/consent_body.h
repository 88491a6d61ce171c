#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace igudar {

// The bodies of what the registry says of personal data: consents (type 3), tagged sources (type 7) and the record of
// processing (type 8), each in a part for every holder of the index key and a personal one (docs/format.md section 20).
// Pure functions; the decoders throw damaged.

// GDPR article 6(1), a to f. A number that this program does not know is kept.
enum class LegalBasis : std::uint8_t {
  consent = 1,
  contract = 2,
  legal_obligation = 3,
  vital_interests = 4,
  public_task = 5,
  legitimate_interests = 6
};

struct ConsentBody {
  std::vector<std::string> categories = {};  // of personal data that it covers
  LegalBasis basis = LegalBasis::consent;
  TimeNs given = 0;                  // it counts from then on
  std::optional<TimeNs> until = {};  // and no longer from then on
  bool withdrawn = false;            // the entry ends those that it replaces
  bool operator==(const ConsentBody&) const = default;
};
struct ConsentDetails {
  std::string subject = {};  // a person or a group
  std::string purpose = {};
  std::string document = {};  // where it is on paper; may be empty
  std::string recorded_by = {};
  std::string reason = {};  // why it was withdrawn
  bool operator==(const ConsentDetails&) const = default;
};

// A place in the file system of a machine, or of any, by a keyed hash: who only backs up compares, and reads no paths.
using PlaceKey = Id16;
PlaceKey place_key(ByteView index_key, const std::string& host, const std::string& path);

struct PersonalSourceBody {
  std::vector<std::string> categories = {};
  PlaceKey place = {};
  std::vector<PlaceKey> above = {};  // the folders that lead to it: a backup of one of these holds it
  bool removed = false;              // the entry ends those that it replaces
  bool operator==(const PersonalSourceBody&) const = default;
};
struct PersonalSourceDetails {
  std::string path = {};
  std::string host = {};  // empty: any
  std::string recorded_by = {};
  bool operator==(const PersonalSourceDetails&) const = default;
};

Bytes encode_consent(const ConsentBody& body);
Bytes encode_consent_details(const ConsentDetails& details);
ConsentBody decode_consent(ByteView record);
ConsentDetails decode_consent_details(ByteView record);

Bytes encode_personal_source(const PersonalSourceBody& body);
Bytes encode_personal_source_details(const PersonalSourceDetails& details);
PersonalSourceBody decode_personal_source(ByteView record);
PersonalSourceDetails decode_personal_source_details(ByteView record);

// The name is for everyone, the value personal.
Bytes encode_processing_name(const std::string& name);
Bytes encode_processing_value(const std::string& value);
std::string decode_processing_name(ByteView record);
std::string decode_processing_value(ByteView record);

}  // namespace igudar
