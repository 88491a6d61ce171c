#include "repo/failed_openings.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "base/hex.h"
#include "base/unique_fd.h"
#include "format/config.h"
#include "repo/local_file.h"

namespace igudar {

namespace {

constexpr std::size_t kMostKept = 1000;
constexpr const char* kFirstWords = "igudar failed-openings";

// Others wait while it lives.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder)
      : file_(::open((folder / "failed-openings.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    if (file_.valid()) (void)::flock(file_.get(), LOCK_EX);
  }

 private:
  UniqueFd file_;
};

// A line "igudar failed-openings TOTAL", then one for each: its time, the means, the error's code, the user.
Bytes encode(const FailedOpenings::List& list) {
  std::string text = std::string(kFirstWords) + ' ' + std::to_string(list.total) + '\n';
  for (const FailedOpening& each : list.newest)
    text += std::to_string(each.time) + ' ' + each.means + ' ' + each.error + ' ' + each.user + '\n';
  return copy_of(view_of(text));
}

}  // namespace

FailedOpenings::FailedOpenings(const std::filesystem::path& state, const Id16& repository)
    : folder_(state / to_hex(repository.view())) {}

FailedOpenings::List FailedOpenings::read() const {
  const std::optional<Bytes> content = read_local_file(folder_ / "failed-openings");
  List list;
  if (!content) return list;
  std::istringstream lines{std::string(text_of(*content))};
  std::string igudar;
  std::string what;
  if (!(lines >> igudar >> what >> list.total) || igudar + ' ' + what != kFirstWords) return {};
  FailedOpening each;
  while (lines >> each.time >> each.means >> each.error && std::getline(lines >> std::ws, each.user))
    list.newest.push_back(each);
  return list;
}

FailedOpenings::List FailedOpenings::record(FailedOpening failure) {
  make_private_folder(folder_.parent_path());
  make_private_folder(folder_);
  const FolderLock lock(folder_);
  List list = read();
  ++list.total;
  list.newest.push_back(std::move(failure));
  if (list.newest.size() > kMostKept)
    list.newest.erase(list.newest.begin(), list.newest.end() - static_cast<std::ptrdiff_t>(kMostKept));
  (void)replace_local_file(folder_ / "failed-openings", encode(list));
  return list;
}

void FailedOpenings::forget(const List& taken) {
  const FolderLock lock(folder_);
  List list = read();
  list.total -= std::min(list.total, taken.total);
  std::erase_if(list.newest, [&](const FailedOpening& each) {
    return std::find(taken.newest.begin(), taken.newest.end(), each) != taken.newest.end();
  });
  std::error_code ignored;
  if (list.total == 0)
    std::filesystem::remove(folder_ / "failed-openings", ignored);
  else
    (void)replace_local_file(folder_ / "failed-openings", encode(list));
}

std::optional<Id16> stored_repository_id(const ObjectStore& store, std::stop_token stop) {
  try {
    return decode_config(store.get({ObjectKind::config, ""}, kLargestConfig, stop)).repository;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace igudar
