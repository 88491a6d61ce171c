#pragma once

#include <vector>

#include "base/bytes.h"

namespace igudar {

// Makes `digests` the SHA-256 (FIPS 180-4) of each `size` bytes of `bytes`, in order; the last piece may be shorter,
// and there is none of no bytes.
//
// One SHA-256 is bound by the latency of its rounds, so a processor hashes several messages side by side in hardly more
// time than one (Gueron, Krasnov: "Simultaneous hashing of multiple messages", 2012). That is what the format's lists
// of hashes are for: the blocks of a pack, the leaves of a large chunk.
//
// On amd64 this is Intel's multi-buffer library, once its self-test has passed on this processor; elsewhere, and for
// pieces of 64 KiB or more, and in FIPS mode, OpenSSL, one piece after the other. Thread-safe; each thread that uses it
// keeps 200 KB for it. Throws as sha256() does.
void sha256_of_pieces(ByteView bytes, std::size_t size, std::vector<Id32>& digests);

}  // namespace igudar
