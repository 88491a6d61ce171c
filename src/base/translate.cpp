#include "base/translate.h"

#include <libintl.h>

#include <clocale>

namespace igudar {

namespace {
constexpr const char* kDomain = "igudar";
}

const char* tr(const char* english) {
  return *english == '\0' ? english : ::dgettext(kDomain, english);
}

const char* tr_plural(const char* one, const char* many, unsigned long count) {
  return ::dngettext(kDomain, one, many, count);
}

std::string format_translated(const char* english, fmt::format_args args) {
  try {
    return fmt::vformat(tr(english), args);
  } catch (const fmt::format_error&) {
    return fmt::vformat(english, args);
  }
}

std::string format_plural(const char* one, const char* many, unsigned long count, fmt::format_args args) {
  try {
    return fmt::vformat(tr_plural(one, many, count), args);
  } catch (const fmt::format_error&) {
    return fmt::vformat(count == 1 ? one : many, args);
  }
}

void init_translation(const std::string& locale_dir) {
  std::setlocale(LC_MESSAGES, "");
  std::setlocale(LC_CTYPE, "");
  ::bindtextdomain(kDomain, locale_dir.c_str());
  ::bind_textdomain_codeset(kDomain, "UTF-8");
}

}  // namespace igudar
