#include "cli/pdf_page.h"

#include <hpdf.h>
#include <iconv.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/error.h"
#include "base/free_with.h"
#include "base/translate.h"
#include "cli/help_text.h"
#include "cli/terminal_text.h"

namespace igudar {

namespace {

constexpr float kPoints = 72.0F / 25.4F;  // of a millimetre
constexpr float kMargin = 22 * kPoints;
constexpr std::size_t kColumns = 84;

[[noreturn]] void fail() {
  throw Error(ErrorCode::failed, tr("the PDF cannot be written"), tr("Write another kind of file."));
}

std::string for_font(const std::string& utf8) {
  const iconv_t converter = ::iconv_open("CP1252//TRANSLIT", "UTF-8");
  if (converter == reinterpret_cast<iconv_t>(-1)) fail();
  std::string input = utf8;
  std::string output(utf8.size() * 4 + 16, '\0');
  char* from = input.data();
  char* to = output.data();
  std::size_t from_left = input.size();
  std::size_t to_left = output.size();
  while (from_left > 0 && ::iconv(converter, &from, &from_left, &to, &to_left) == static_cast<std::size_t>(-1)) {
    if (errno == E2BIG) break;
    ++from;
    --from_left;
    *to++ = '?';
    --to_left;
  }
  ::iconv_close(converter);
  output.resize(output.size() - to_left);
  return output;
}

// What has no blank to be broken at, a path or a key, between characters.
std::vector<std::string> cut(std::string_view text) {
  std::vector<std::string> pieces;
  while (text.size() > kColumns) {
    std::size_t end = kColumns;
    while (end > 1 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    pieces.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  pieces.emplace_back(text);
  return pieces;
}

}  // namespace

struct PdfDocument::State {
  OwnedBy<std::remove_pointer_t<HPDF_Doc>, HPDF_Free> document{HPDF_New(nullptr, nullptr)};
  HPDF_Page page = nullptr;
  float top = 0;

  void new_page() {
    page = HPDF_AddPage(document.get());
    HPDF_Page_SetSize(page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
    top = HPDF_Page_GetHeight(page) - kMargin;
  }
};

std::string text_for_pdf(const std::string& text) {
  const std::string utf8 = escape_name(text);
  constexpr std::array<std::uint32_t, 10> kAlsoShown{0x152,  0x153,  0x2013, 0x2014, 0x2018,
                                                     0x2019, 0x201c, 0x201d, 0x2026, 0x20ac};
  std::string shown;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[at]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    std::uint32_t code = size == 1 ? first : first & (0x7fU >> size);
    for (std::size_t i = 1; i < size && at + i < utf8.size(); ++i)
      code = code << 6 | (static_cast<unsigned char>(utf8[at + i]) & 0x3fU);
    constexpr std::uint32_t kNarrowBlank = 0x202f;  // in French, before some marks
    if (code == kNarrowBlank) {
      shown += "\u00a0";
      at += size;
      continue;
    }
    const bool is_shown = code < 0x100 || std::find(kAlsoShown.begin(), kAlsoShown.end(), code) != kAlsoShown.end();
    shown += is_shown ? utf8.substr(at, size) : fmt::format("\\u{{{:x}}}", code);
    at += size;
  }
  return shown;
}

PdfDocument::PdfDocument() : state_(std::make_unique<State>()) {
  if (!state_->document) fail();
  HPDF_SetCompressionMode(state_->document.get(), HPDF_COMP_ALL);
  state_->new_page();
}
PdfDocument::~PdfDocument() = default;

void PdfDocument::secret_line(const char* font, float size, std::string_view text) {
  const float height = size * 1.4F;
  if (state_->top - height < kMargin) state_->new_page();
  state_->top -= height;
  std::string line(text);
  HPDF_Page_BeginText(state_->page);
  HPDF_Page_SetFontAndSize(state_->page, HPDF_GetFont(state_->document.get(), font, "WinAnsiEncoding"), size);
  HPDF_Page_TextOut(state_->page, kMargin, state_->top, line.c_str());
  HPDF_Page_EndText(state_->page);
  wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
}

void PdfDocument::line(const char* font, float size, const std::string& text) {
  secret_line(font, size, for_font(text));
}

void PdfDocument::paragraphs(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    for (const std::string& part : wrapped(text, kColumns))
      for (const std::string& piece : cut(part)) line("Helvetica", 10, piece);
    space(4);
  }
}

void PdfDocument::space(float points) {
  state_->top -= points;
}

void PdfDocument::bar(unsigned row, unsigned column, unsigned modules, float module) {
  const auto length = [module](unsigned count) { return static_cast<float>(count) * module; };
  HPDF_Page_Rectangle(state_->page, kMargin + length(column), state_->top - length(row + 1), length(modules), module);
}

void PdfDocument::fill(float points) {
  HPDF_Page_Fill(state_->page);
  state_->top -= points;
}

SecretBytes PdfDocument::content() {
  HPDF_Doc document = state_->document.get();
  if (HPDF_SaveToStream(document) != HPDF_OK || HPDF_GetError(document) != HPDF_OK) fail();
  SecretBytes content(HPDF_GetStreamSize(document));
  auto size = static_cast<HPDF_UINT32>(content.size());
  HPDF_ResetStream(document);
  HPDF_ReadFromStream(document, content.span().data(), &size);
  if (size != content.size()) fail();
  return content;
}

}  // namespace igudar
