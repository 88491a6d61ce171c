#include "ops/path_patterns.h"

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

PathPatterns::PathPatterns(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    ExcludeRules alone;
    alone.add_pattern(pattern);
    if (alone.empty())
      throw Error(ErrorCode::usage, trf("the pattern '{}' matches nothing", pattern),
                  tr("See 'igudar help patterns'."));
    rules_.add_pattern(pattern);
  }
}

bool PathPatterns::matches(std::string_view path, bool is_folder) const {
  if (path.starts_with('/')) path.remove_prefix(1);
  return !path.empty() && rules_.excludes(path, is_folder);
}

}  // namespace igudar
