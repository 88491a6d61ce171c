// A recovery key as PDF and as PNG, with its QR code (libqrencode).
#include <png.h>
#include <qrencode.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/translate.h"
#include "cli/pdf_page.h"
#include "cli/recovery_sheet.h"

namespace igudar {

namespace {

constexpr unsigned kQuietModules = 4;  // ISO/IEC 18004 asks for a margin of so many
constexpr unsigned kPixelsOfModule = 8;
constexpr float kPoints = 72.0F / 25.4F;  // of a millimetre
constexpr float kQrSide = 62 * kPoints;

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

void put_words(PdfDocument& document, ByteView words) {
  std::string_view rest = text_of(words);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    document.secret_line("Courier-Bold", 15, rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

SecretBytes sheet_as_pdf(const RecoverySheet& sheet) {
  PdfDocument document;
  document.line("Helvetica-Bold", 18, sheet.title);
  document.space(8);
  document.paragraphs(sheet.about);
  document.space(10);
  put_words(document, sheet.words.view());
  document.space(24);
  const QrCode code = qr_code(sheet.words.view());
  document.squares(static_cast<unsigned>(code->width), kQrSide,
                   [&](unsigned row, unsigned column) { return is_dark(*code, row, column); });
  document.space(16);
  document.paragraphs(sheet.advice);
  return document.content();
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
