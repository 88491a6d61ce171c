#pragma once

#include <optional>

#include "cli/arguments.h"
#include "cli/json_fields.h"
#include "ops/timestamp/timestamp.h"

namespace igudar {

// The authority that --timestamp names, with the certificates of --timestamp-ca; nullopt when none is named. Throws
// usage for a URL or a file that is of no use.
std::optional<TimeStampAuthority> time_stamp_authority(const Arguments& arguments);

Json json_of(const NewTimeStamp& stamp);

}  // namespace igudar
