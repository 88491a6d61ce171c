#include "format/chunk.h"

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

SealedSecret::SealedSecret(std::uint16_t epoch, ByteView box)
    : size_(static_cast<std::uint8_t>(box.size())), epoch_(epoch) {
  if (box.size() < kSmallest || box.size() > kLargest)
    throw Error(ErrorCode::damaged, tr("the sealed key of a backup session is of no possible size"));
  std::copy(box.begin(), box.end(), bytes_.begin());
}

}  // namespace igudar
