#include <nlohmann/json.hpp>

#include "base/translate.h"
#include "cli/commands/command.h"
#include "cli/json_fields.h"

namespace igudar {

namespace {
constexpr int kRepositoryFormat = 1;
}

int run_version(const CommandContext& context) {
  if (context.console.json()) {
    const Json object = {
        {"message_type", "version"}, {"version", IGUDAR_VERSION}, {"repository_format", kRepositoryFormat}};
    context.console.json_line(object.dump(), true);
  } else {
    context.console.result(trf("igudar {} (repository format {})", IGUDAR_VERSION, kRepositoryFormat));
  }
  return 0;
}

}  // namespace igudar
