#include "cli/generate/generate.h"

namespace igudar {

std::span<const GeneratedText> generated_texts() {
  static constexpr GeneratedText kTexts[] = {
      {"man", man_page}, {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};
  return kTexts;
}

}  // namespace igudar
