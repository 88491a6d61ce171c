#include "crypto/sodium_ready.h"

#include <sodium.h>

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

void ensure_sodium_ready() {
  static const bool ready = ::sodium_init() >= 0;
  if (!ready) throw Error(ErrorCode::failed, tr("The cryptographic library libsodium cannot start on this system."));
}

}  // namespace igudar
