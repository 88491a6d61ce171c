#include "repo/recovery_tests.h"

#include <sstream>

#include "base/hex.h"
#include "repo/local_file.h"

namespace igudar {

namespace {

// The file is a line "igudar recovery tests REPOSITORY", and a line "SLOT NANOSECONDS" for each.
std::string first_line(const Repository& repository) {
  return "igudar recovery tests " + to_hex(repository.config().repository.view());
}

std::filesystem::path file_of(const Repository& repository) {
  return repository.state_folder() / "recovery-tests";
}

}  // namespace

std::map<std::string, TimeNs> recovery_tests(const Repository& repository) {
  const std::optional<Bytes> content = read_local_file(file_of(repository));
  if (!content) return {};
  std::istringstream lines{std::string(text_of(*content))};
  std::string line;
  if (!std::getline(lines, line) || line != first_line(repository)) return {};
  std::map<std::string, TimeNs> tests;
  std::string slot;
  TimeNs when = 0;
  while (lines >> slot >> when) tests[slot] = when;
  return tests;
}

bool remember_recovery_test(const Repository& repository, const std::string& slot, TimeNs when) {
  std::map<std::string, TimeNs> tests = recovery_tests(repository);
  tests[slot] = when;
  std::string text = first_line(repository) + '\n';
  for (const auto& [id, time] : tests) text += id + ' ' + std::to_string(time) + '\n';
  return replace_local_file(file_of(repository), view_of(text));
}

}  // namespace igudar
