#include "cli/failed_opening.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/host_name.h"
#include "base/translate.h"
#include "cli/alert_command.h"
#include "cli/credentials.h"
#include "cli/json_fields.h"
#include "cli/repository_access.h"
#include "cli/store_access.h"
#include "cli/text_format.h"
#include "repo/failed_openings.h"
#include "repo/local_identity.h"

namespace igudar {

namespace {

constexpr TimeNs kAlertWindow = 3600 * kNsPerSecond;
constexpr auto kAlertPatience = std::chrono::seconds(30);

std::uint64_t alert_threshold(const Arguments& arguments) {
  const std::string text = arguments.value_or_default("alert-after");
  const std::optional<std::uint64_t> count = parse_number(text, 1'000'000);
  if (count && *count > 0) return *count;
  throw Error(ErrorCode::usage, trf("'{}' is not a value of the option '{}'", text, "--alert-after"),
              tr("It is a number, such as 3."));
}

void alert(const CommandContext& context, const std::string& location, const std::optional<Id16>& repository,
           const std::vector<FailedOpening>& failures) {
  const std::optional<std::string> command = context.arguments.value("alert-command");
  if (!command) return;
  const TimeNs since = wall_clock_ns() - kAlertWindow;
  const auto first =
      std::find_if(failures.begin(), failures.end(), [&](const FailedOpening& each) { return each.time >= since; });
  const auto count = static_cast<std::uint64_t>(failures.end() - first);
  if (count < alert_threshold(context.arguments)) return;
  const FailedOpening& last = failures.back();
  Json object = {{"message_type", "failed_openings"},
                 {"repository_id", repository ? to_hex(repository->view()) : ""},
                 {"count", count},
                 {"first_time", json_time(first->time)},
                 {"last_time", json_time(last.time)},
                 {"means", last.means},
                 {"error", last.error},
                 {"user", json_text(last.user)},
                 {"host", json_text(host_name())}};
  put_name(object, "repository", location);
  run_alert_command(*command, object.dump() + "\n", kAlertPatience);
}

}  // namespace

bool is_failed_opening(const Error& error) {
  return error.code() == ErrorCode::wrong_key || error.code() == ErrorCode::forged;
}

void record_failed_opening(const CommandContext& context, const Error& error) noexcept {
  try {
    const std::unique_ptr<ObjectStore> store = open_storage(context, repository_location(context.arguments));
    const std::optional<Id16> repository = stored_repository_id(*store, {});
    FailedOpenings failures(local_folders(context.arguments).state, repository.value_or(Id16{}));
    const FailedOpenings::List list = failures.record(
        {wall_clock_ns(), credential_means(context.arguments), std::string(code_name(error.code())), user_name()});
    alert(context, store->location(), repository, list.newest);
  } catch (const std::exception& failed) {
    context.console.warning(trf("a failed opening was not reported: {}", failed.what()));
  }
}

}  // namespace igudar
