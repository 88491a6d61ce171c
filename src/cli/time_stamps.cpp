#include "cli/time_stamps.h"

#include <nlohmann/json.hpp>

namespace igudar {

std::optional<TimeStampAuthority> time_stamp_authority(const Arguments& arguments) {
  std::optional<std::string> url = arguments.value("timestamp");
  if (!url) return std::nullopt;
  return std::make_optional<TimeStampAuthority>(std::move(*url), arguments.value("timestamp-ca"));
}

Json json_of(const NewTimeStamp& stamp) {
  return {{"snapshot", stamp.snapshot},
          {"time", json_time(stamp.time)},
          {"authority", json_text(stamp.authority)},
          {"url", json_text(stamp.url)},
          {"serial", stamp.serial}};
}

}  // namespace igudar
