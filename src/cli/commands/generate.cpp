#include "cli/generate/generate.h"
#include "base/error.h"
#include "base/translate.h"
#include "cli/commands/command.h"

namespace igudar {

int run_generate(const CommandContext& context) {
  const std::string& what = context.arguments.positional()[0];
  for (const GeneratedText& text : generated_texts())
    if (what == text.name) {
      context.console.result(text.make());
      return 0;
    }
  throw Error(ErrorCode::usage, trf("'{}' is nothing that can be generated", what),
              trf("It can be one of: {}", "man, bash, zsh, fish"));
}

}  // namespace igudar
