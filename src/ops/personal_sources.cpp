#include "ops/personal_sources.h"

#include <algorithm>
#include <sstream>

#include "base/translate.h"
#include "ops/consents.h"
#include "ops/snapshot_selection.h"
#include "repo/local_identity.h"

namespace igudar {

namespace {

// "/home", "/" of "/home/amina".
std::vector<std::string> folders_above(std::string path) {
  std::vector<std::string> folders;
  while (path.size() > 1) {
    path.resize(std::max<std::size_t>(path.rfind('/'), 1));
    folders.push_back(path);
  }
  return folders;
}

bool contains(const std::vector<PlaceKey>& places, const PlaceKey& wanted) {
  return std::find(places.begin(), places.end(), wanted) != places.end();
}

// Whether what a backup is of (`own`, then what leads there) touches the source.
bool touches(const PersonalSourceBody& source, const PlaceKey& own, const std::vector<PlaceKey>& above) {
  return source.place == own || contains(above, source.place) || contains(source.above, own);
}

}  // namespace

std::vector<PersonalSource> personal_sources(const Registry& registry) {
  std::vector<PersonalSource> sources;
  for (const RegisteredEntry* each : registry.current(RegistryType::personal_source)) {
    PersonalSource source{each->id, each->entry.time, each->entry.signer, decode_personal_source(each->entry.body), {}};
    if (each->personal) source.details = decode_personal_source_details(*each->personal);
    if (!source.body.removed) sources.push_back(std::move(source));
  }
  return sources;
}

std::set<std::string> categories_of(const std::vector<PersonalSource>& sources, ByteView index_key,
                                    const std::vector<std::string>& hosts, const std::vector<std::string>& paths) {
  std::set<std::string> found;
  if (sources.empty()) return found;
  std::set<std::string> all_hosts(hosts.begin(), hosts.end());
  all_hosts.insert("");
  for (const std::string& host : all_hosts)
    for (const std::string& path : paths) {
      const PlaceKey own = place_key(index_key, host, path);
      std::vector<PlaceKey> above;
      for (const std::string& folder : folders_above(path)) above.push_back(place_key(index_key, host, folder));
      for (const PersonalSource& source : sources)
        if (touches(source.body, own, above))
          found.insert(source.body.categories.begin(), source.body.categories.end());
    }
  return found;
}

std::set<std::string> personal_data_of(const Repository& repository, const std::vector<PersonalSource>& sources,
                                       const SnapshotDescription& description) {
  std::set<std::string> found =
      categories_of(sources, repository.keys().index_keys().oldest(), {description.host}, description.paths);
  const auto tagged = description.annotations.find(kPersonalDataAnnotation);
  if (tagged == description.annotations.end()) return found;
  std::istringstream names(tagged->second);
  for (std::string name; std::getline(names, name, ',');) found.insert(name);
  return found;
}

Id32 add_personal_source(const Repository& repository, const NewPersonalSource& source, std::stop_token stop) {
  require_registry_rights(repository.keys());
  const std::string path = recorded_path(source.path);
  const ByteView key = repository.keys().index_keys().oldest();
  PersonalSourceBody body{.categories = checked_categories(source.categories),
                          .place = place_key(key, source.host, path)};
  for (const std::string& folder : folders_above(path)) body.above.push_back(place_key(key, source.host, folder));
  return put_registry_entry(repository,
                            {.type = RegistryType::personal_source,
                             .body = encode_personal_source(body),
                             .personal = encode_personal_source_details({path, source.host, user_at_host()})},
                            stop);
}

Id32 remove_personal_source(const Repository& repository, const std::string& id_prefix, std::stop_token stop) {
  const Registry registry = Registry::load(repository, stop);
  const Id32 id = registry.find(RegistryType::personal_source, id_prefix).id;
  const std::vector<PersonalSource> sources = personal_sources(registry);
  const auto found =
      std::find_if(sources.begin(), sources.end(), [&](const PersonalSource& source) { return source.id == id; });
  if (found == sources.end())
    throw Error(ErrorCode::not_found, trf("there is no tagged source '{}'", id_prefix),
                tr("See 'igudar consent source list'."));
  PersonalSourceBody body = found->body;
  body.removed = true;
  put_registry_entry(repository,
                     {.type = RegistryType::personal_source, .replaced = {id}, .body = encode_personal_source(body)},
                     stop);
  return id;
}

}  // namespace igudar
