#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/object_store.h"

namespace igudar {

// Where an object lies below its repository, the same in every storage, so that a repository may be copied from one to
// another by any tool: "config", "keys/ID", "packs/FIRST-TWO-CHARACTERS-OF-ID/ID", "index/ID" … All thread-safe.
std::string object_path(const ObjectName& name);
// "packs/", "keys/" …: what the paths of a kind begin with; "config" for config.
std::string path_prefix(ObjectKind kind);
// The object of a kind at a path; nullopt for what is none (foreign files).
std::optional<ObjectName> object_at(ObjectKind kind, std::string_view path);
// "domains/NAME/": where what open_folder(name) opens begins.
std::string folder_path(const std::string& name);

}  // namespace igudar
