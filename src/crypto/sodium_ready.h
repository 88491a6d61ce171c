#pragma once

namespace igudar {

// Initialises libsodium, once for the whole program; every function of crypto/ that calls libsodium calls this first.
// Thread-safe. Throws Error(failed) when libsodium cannot start.
void ensure_sodium_ready();

}  // namespace igudar
