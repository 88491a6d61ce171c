#pragma once

#include <string>
#include <vector>

#include "base/secret.h"
#include "keys/recovery_words.h"

namespace igudar {

// A page of a recovery key as it is kept: a text, a PDF or a picture. Thread-safe functions; what they make holds the
// key, and is as secret.

struct RecoverySheet {
  std::string title;
  std::vector<std::string> about;   // paragraphs above the words
  SecretBytes words;                // the lines that open (recovery_text), which the QR code holds as well
  std::vector<std::string> advice;  // and below
};

// `repository` and `location` say of which it is, `made` when and by whom it was made.
RecoverySheet recovery_sheet(const RecoveryPage& page, const std::string& repository, const std::string& location,
                             const std::string& made);

// The text, that --recovery-file reads: all but the lines of words begins with '#'.
SecretBytes sheet_as_text(const RecoverySheet& sheet);
// A page of A4 with the words and the QR code. Throws failed.
SecretBytes sheet_as_pdf(const RecoverySheet& sheet);
// The QR code alone, as PNG. Throws failed.
SecretBytes sheet_as_png(const RecoverySheet& sheet);

}  // namespace igudar
