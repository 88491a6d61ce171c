#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/secret.h"

namespace igudar {

// Text that came from outside as these pages can show it: escaped, and other characters than Western ones by their
// numbers ("\\u{2d30}").
std::string text_for_pdf(const std::string& text);

// Pages of A4 written from the top downwards, as a PDF with the fonts that every reader has. These know the characters
// of Windows' code page 1252 (so French, not Arabic or Tifinagh): others are written as something near, or a question
// mark.
//
// Not thread-safe. Errors: what fails shows in content(), which throws failed. A line that finds no room begins the
// next page.
class PdfDocument {
 public:
  PdfDocument();
  ~PdfDocument();
  PdfDocument(const PdfDocument&) = delete;
  PdfDocument& operator=(const PdfDocument&) = delete;

  // `font`: one of the PDF standard's fourteen ("Helvetica-Bold"). `text` is UTF-8.
  void line(const char* font, float size, const std::string& text);
  // A secret one, in ASCII: no copy of it stays but in the document.
  void secret_line(const char* font, float size, std::string_view text);
  void paragraphs(const std::vector<std::string>& texts);
  void space(float points);
  // A square of side × side modules, from the left margin; `is_dark(row, column)`.
  template <typename IsDark>
  void squares(unsigned side, float points, IsDark&& is_dark) {
    for (unsigned row = 0; row < side; ++row)
      for (unsigned column = 0; column < side; ++column) {
        const unsigned begin = column;
        while (column < side && is_dark(row, column)) ++column;
        if (column > begin) bar(row, begin, column - begin, points / static_cast<float>(side));
      }
    fill(points);
  }

  SecretBytes content();

 private:
  void bar(unsigned row, unsigned column, unsigned modules, float module);
  void fill(float points);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace igudar
