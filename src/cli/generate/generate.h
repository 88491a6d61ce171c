#pragma once

#include <span>
#include <string>

namespace igudar {

// The documents that are made of the tables of commands and options when the program is built. All are deterministic
// and end without a newline.

// A man page in section 1 (man(7) macros), in the language of the messages.
std::string man_page();
// Completion for a shell, to be installed where it looks for such.
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

struct GeneratedText {
  const char* name;
  std::string (*make)();
};
std::span<const GeneratedText> generated_texts();

}  // namespace igudar
