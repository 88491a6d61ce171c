#include "format/object_header.h"

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {
constexpr std::uint8_t kMagic[4] = {'I', 'G', 'D', 'R'};
constexpr std::uint8_t kVersion = 1;
}  // namespace

void write_header(Bytes& out, HeaderKind kind) {
  append(out, kMagic);
  append(out, std::array<std::uint8_t, 4>{static_cast<std::uint8_t>(kind), kVersion, 0, 0});
}

void check_header(ByteView object, HeaderKind kind) {
  if (object.size() < kHeaderSize)
    throw Error(ErrorCode::truncated, trf_plural("an object is only {} byte long", "an object is only {} bytes long",
                                                 object.size(), object.size()));
  if (!equal(object.first(4), kMagic) || object[4] != static_cast<std::uint8_t>(kind))
    throw Error(ErrorCode::damaged, tr("an object is not what its name says: it is foreign, swapped or overwritten"));
  if (object[5] != kVersion || object[6] != 0 || object[7] != 0)
    throw Error(ErrorCode::unsupported,
                trf("the repository uses format version {}, which this program does not know", object[5]),
                tr("Use a newer igudar."));
}

}  // namespace igudar
