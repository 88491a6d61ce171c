#pragma once

#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "format/consent_body.h"
#include "format/snapshot.h"
#include "repo/registry.h"

namespace igudar {

// Folders and files that are known to hold personal data: registry entries of type 7. A backup of one, of anything in
// it or of a folder that leads to it is tagged with its categories, whatever the options of that backup say.
// Thread-safe functions.

struct PersonalSource {
  Id32 id = {};
  TimeNs recorded = 0;
  Id32 signer = {};
  PersonalSourceBody body = {};
  std::optional<PersonalSourceDetails> details = {};  // none: the slot may not read them
};

// Those that count, the oldest first.
std::vector<PersonalSource> personal_sources(const Registry& registry);

// The categories of what these paths, absolute and without "." and "..", of any of these hosts are, hold or lie in.
std::set<std::string> categories_of(const std::vector<PersonalSource>& sources, ByteView index_key,
                                    const std::vector<std::string>& hosts, const std::vector<std::string>& paths);

// What a snapshot holds: what it was tagged with when it was made, and what by now is a tagged source.
std::set<std::string> personal_data_of(const Repository& repository, const std::vector<PersonalSource>& sources,
                                       const SnapshotDescription& description);

struct NewPersonalSource {
  std::string path = {};  // as the user gave it
  std::string host = {};  // empty: any
  std::vector<std::string> categories = {};
};
// Durable once they return. Throw usage where something is missing, permission without the capability full;
// remove_personal_source not_found and usage as Registry::find does.
Id32 add_personal_source(const Repository& repository, const NewPersonalSource& source, std::stop_token stop);
Id32 remove_personal_source(const Repository& repository, const std::string& id_prefix, std::stop_token stop);

}  // namespace igudar
