#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/marked_text.h"

namespace igudar {

// The one translation function: every text a person sees passes through it (gettext domain "igudar",
// English is the source). Thread-safe. Returns `english` itself where no catalogue has it.
const char* tr(const char* english);

// The plural form for `count`.
const char* tr_plural(const char* one, const char* many, unsigned long count);

// Translates, then fills the {} of the text. A catalogue whose text does not fit the arguments falls back to English.
std::string format_translated(const char* english, fmt::format_args args);

template <typename... Args>
std::string trf(const char* english, const Args&... args) {
  return format_translated(english, fmt::make_format_args(args...));
}

// The plural form for `count`, its {} filled with `args`, of which `count` is one as a rule.
std::string format_plural(const char* one, const char* many, unsigned long count, fmt::format_args args);

template <typename... Args>
std::string trf_plural(const char* one, const char* many, unsigned long count, const Args&... args) {
  return format_plural(one, many, count, fmt::make_format_args(args...));
}

// Reads LC_ALL, LC_MESSAGES, LANG (LANGUAGE) and binds the catalogue, in `locale_dir` or where the program is
// installed.
void init_translation(const std::string& locale_dir);

}  // namespace igudar
