#include "cli/recovery_sheet.h"

#include <algorithm>

#include "base/hex.h"
#include "base/translate.h"
#include "cli/help_text.h"

namespace igudar {

namespace {

constexpr std::size_t kColumns = 78;

std::vector<std::string> advice(const RecoveryPage& page) {
  const bool whole = page.threshold == 1;
  return {
      tr("The lines above are all it takes; upper case and hyphens do no harm. Type them into a text file of mode 600, "
         "or "
         "read the QR code into one, and give it to any command with --recovery-file."),
      whole ? tr("igudar key recovery test: tries the key, and asks for the lines when no file is given.")
            : tr("igudar key recovery test: tries the shares, and asks for the lines when no files are given."),
      whole ? tr("Keep this page where no thief of the backups looks, and where fire and water do not reach both. "
                 "Whoever "
                 "has it can read everything; 'igudar key remove' makes it worthless.")
            : tr("Keep the shares apart, with different people or in different places. One of them tells nothing; "
                 "'igudar key remove' makes them all worthless."),
  };
}

void put(std::string& text, const std::vector<std::string>& paragraphs) {
  for (const std::string& paragraph : paragraphs)
    for (const std::string& line : wrapped(paragraph, kColumns)) text += "# " + line + '\n';
}

}  // namespace

RecoverySheet recovery_sheet(const RecoveryPage& page, const std::string& repository, const std::string& location,
                             const std::string& made) {
  const bool whole = page.threshold == 1;
  RecoverySheet sheet;
  sheet.title = whole ? tr("igudar recovery key")
                      : trf("igudar recovery key, share {} of {}", int{page.number}, int{page.shares});
  sheet.about = {trf("Repository {}, in {}", repository, location),
                 trf("Recovery key {}, made {}", to_hex(page.key.view()), made)};
  if (!whole)
    sheet.about.push_back(
        trf("Any {} of the {} shares open the repository, fewer do not.", int{page.threshold}, int{page.shares}));
  sheet.words = recovery_text(page);
  sheet.advice = advice(page);
  return sheet;
}

SecretBytes sheet_as_text(const RecoverySheet& sheet) {
  std::string before = "# " + sheet.title + '\n';
  put(before, sheet.about);
  before += '\n';
  std::string after = "\n";
  put(after, sheet.advice);
  SecretBytes text(before.size() + sheet.words.size() + after.size());
  std::uint8_t* to = text.span().data();
  for (const ByteView part : {view_of(before), sheet.words.view(), view_of(after)})
    to = std::copy(part.begin(), part.end(), to);
  return text;
}

}  // namespace igudar
