// A recovery key as PDF (libharu, whose built-in fonts every reader has) and as PNG, with its QR code (libqrencode).
#include <hpdf.h>
#include <iconv.h>
#include <png.h>
#include <qrencode.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/error.h"
#include "base/translate.h"
#include "cli/help_text.h"
#include "cli/recovery_sheet.h"

namespace igudar {

namespace {

constexpr unsigned kQuietModules = 4;  // ISO/IEC 18004 asks for a margin of so many
constexpr unsigned kPixelsOfModule = 8;
constexpr float kPoints = 72.0F / 25.4F;  // of a millimetre
constexpr float kMargin = 22 * kPoints;
constexpr float kQrSide = 62 * kPoints;
constexpr std::size_t kColumns = 84;

[[noreturn]] void fail() {
  throw Error(ErrorCode::failed, tr("the page of the recovery key cannot be drawn"), tr("Write it as a text: .txt"));
}

struct FreeQrCode {
  void operator()(QRcode* code) const {
    wipe({code->data, static_cast<std::size_t>(code->width) * static_cast<std::size_t>(code->width)});
    QRcode_free(code);
  }
};
using QrCode = std::unique_ptr<QRcode, FreeQrCode>;

// A quarter of it may be unreadable.
QrCode qr_code(ByteView text) {
  QrCode code(QRcode_encodeData(static_cast<int>(text.size()), text.data(), 0, QR_ECLEVEL_Q));
  if (!code) fail();
  return code;
}

bool is_dark(const QRcode& code, unsigned row, unsigned column) {
  return (code.data[row * static_cast<unsigned>(code.width) + column] & 1) != 0;
}

// The fonts know the characters of Windows' code page 1252; others are written as something near, or a question mark.
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

struct FreeDocument {
  void operator()(HPDF_Doc document) const { HPDF_Free(document); }
};
using Document = std::unique_ptr<std::remove_pointer_t<HPDF_Doc>, FreeDocument>;

// Writes from the top of a page downwards. That something failed shows in HPDF_GetError at the end.
class PdfPage {
 public:
  explicit PdfPage(HPDF_Doc document) : document_(document), page_(HPDF_AddPage(document)) {
    HPDF_Page_SetSize(page_, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
    top_ = HPDF_Page_GetHeight(page_) - kMargin;
  }

  void line(const char* font, float size, const std::string& text) {
    top_ -= size * 1.4F;
    HPDF_Page_BeginText(page_);
    HPDF_Page_SetFontAndSize(page_, HPDF_GetFont(document_, font, "WinAnsiEncoding"), size);
    HPDF_Page_TextOut(page_, kMargin, top_, text.c_str());
    HPDF_Page_EndText(page_);
  }

  void paragraphs(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      for (const std::string& part : wrapped(text, kColumns)) line("Helvetica", 10, for_font(part));
      space(4);
    }
  }

  void space(float points) { top_ -= points; }

  void code(const QRcode& code) {
    const auto width = static_cast<unsigned>(code.width);
    const float side = kQrSide / static_cast<float>(width);
    const auto length = [side](unsigned modules) { return static_cast<float>(modules) * side; };
    for (unsigned row = 0; row < width; ++row)
      for (unsigned column = 0; column < width; ++column) {
        const unsigned begin = column;
        while (column < width && is_dark(code, row, column)) ++column;
        if (column > begin)
          HPDF_Page_Rectangle(page_, kMargin + length(begin), top_ - length(row + 1), length(column - begin), side);
      }
    HPDF_Page_Fill(page_);
    top_ -= kQrSide;
  }

 private:
  HPDF_Doc document_;
  HPDF_Page page_;
  float top_ = 0;
};

void put_words(PdfPage& page, ByteView words) {
  std::string_view rest = text_of(words);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string line(rest.substr(0, end));
    page.line("Courier-Bold", 15, line);
    wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
    rest.remove_prefix(end + 1);
  }
}

SecretBytes saved(HPDF_Doc document) {
  if (HPDF_SaveToStream(document) != HPDF_OK || HPDF_GetError(document) != HPDF_OK) fail();
  SecretBytes content(HPDF_GetStreamSize(document));
  auto size = static_cast<HPDF_UINT32>(content.size());
  HPDF_ResetStream(document);
  HPDF_ReadFromStream(document, content.span().data(), &size);
  if (size != content.size()) fail();
  return content;
}

}  // namespace

SecretBytes sheet_as_pdf(const RecoverySheet& sheet) {
  const Document document(HPDF_New(nullptr, nullptr));
  if (!document) fail();
  HPDF_SetCompressionMode(document.get(), HPDF_COMP_ALL);
  PdfPage page(document.get());
  page.line("Helvetica-Bold", 18, for_font(sheet.title));
  page.space(8);
  page.paragraphs(sheet.about);
  page.space(10);
  put_words(page, sheet.words.view());
  page.space(24);
  page.code(*qr_code(sheet.words.view()));
  page.space(16);
  page.paragraphs(sheet.advice);
  return saved(document.get());
}

SecretBytes sheet_as_png(const RecoverySheet& sheet) {
  const QrCode code = qr_code(sheet.words.view());
  const auto width = static_cast<unsigned>(code->width);
  const unsigned side = (width + 2 * kQuietModules) * kPixelsOfModule;
  SecretBytes pixels(std::size_t{side} * side);
  std::fill(pixels.span().begin(), pixels.span().end(), std::uint8_t{255});
  const auto inside = [width](unsigned pixel) {
    return pixel / kPixelsOfModule >= kQuietModules && pixel / kPixelsOfModule < kQuietModules + width;
  };
  for (unsigned y = 0; y < side; ++y)
    for (unsigned x = 0; x < side; ++x)
      if (inside(x) && inside(y) &&
          is_dark(*code, y / kPixelsOfModule - kQuietModules, x / kPixelsOfModule - kQuietModules))
        pixels.span()[y * side + x] = 0;

  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = side;
  image.height = side;
  image.format = PNG_FORMAT_GRAY;
  png_alloc_size_t size = 0;
  const void* const from = pixels.view().data();
  if (png_image_write_to_memory(&image, nullptr, &size, 0, from, 0, nullptr) == 0) fail();
  SecretBytes content(size);
  if (png_image_write_to_memory(&image, content.span().data(), &size, 0, from, 0, nullptr) == 0 ||
      size > content.size())
    fail();
  return SecretBytes(content.view().first(size));
}

}  // namespace igudar
