#pragma once

#include <memory>
#include <string>

#include "cli/commands/command.h"
#include "store/object_store.h"

namespace igudar {

// What --repo or IGUDAR_REPOSITORY names. Throws usage when neither is given.
std::string repository_location(const Arguments& arguments);

// The storage at a location, reached as --ca-file and --insecure-tls say. Warns where others on the way could read or
// change what is sent. Throws as open_store() of store/ does.
std::unique_ptr<ObjectStore> open_storage(const CommandContext& context, const std::string& location);

}  // namespace igudar
