// Makes a repository's index claim many more chunks than it has, to measure what a large index costs:
//
//   IGUDAR_PASSWORD=… igudar_synthetic REPOSITORY [CHUNKS [CHUNKS-IN-A-PACK]]      (20,000,000 and 1,024)
//
// The claimed packs exist as objects of one byte, since an index entry whose pack is not listed counts as absent
// (docs/adr/0002-gc-protocol.md, rule W2). Reading a claimed chunk fails, so use such a repository only to measure.
// The ids are the same in each run. Memory: one index segment at a time.

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

#include "base/error.h"
#include "crypto/hash.h"
#include "crypto/keyed_hash.h"
#include "repo/blob_index.h"
#include "store/store_registry.h"

namespace igudar {

namespace {

constexpr std::uint32_t kChunkSize = 64U << 10;
constexpr std::uint32_t kFrameChunks = 32;
constexpr std::uint64_t kPackOverhead = 1U << 20;  // more than a table of contents and block hashes take

// The number-th id of a kind: uniformly distributed, as real ones are.
Id32 synthetic_id(std::string_view kind, std::uint64_t number) {
  Bytes message = copy_of(view_of(kind));
  for (int shift = 0; shift < 64; shift += 8) message.push_back(static_cast<std::uint8_t>(number >> shift));
  return hmac_sha256(view_of("igudar synthetic repository 0001"), message);
}

template <typename Id>
Id shortened(const Id32& id) {
  return Id::from(id.view().first(Id::kSize));
}

SessionRef synthetic_session(std::uint64_t number) {
  return {shortened<SessionId>(synthetic_id("session", number)), SealedSecret{}};
}

// `chunks` chunks from number `first` on, in packs of `pack_chunks`.
IndexSegment claim(std::uint64_t first, std::uint64_t chunks, std::uint64_t pack_chunks) {
  IndexSegment segment;
  segment.chunks.reserve(chunks);
  for (std::uint64_t done = 0; done < chunks; done += pack_chunks) {
    const std::uint64_t count = std::min(pack_chunks, chunks - done);
    TableOfContents toc;
    toc.sessions.push_back(synthetic_session(first));
    std::uint64_t size = kPackOverhead;
    for (std::uint64_t at = 0; at < count; at += kFrameChunks) {
      FrameInfo frame;
      frame.chunks = static_cast<std::uint32_t>(std::min<std::uint64_t>(kFrameChunks, count - at));
      frame.plain_size = frame.compressed_size = frame.chunks * kChunkSize;
      frame.counter = (done + at) / kFrameChunks;
      frame.first_ordinal = done + at;
      size += frame.sealed_size();
      toc.frames.push_back(frame);
    }
    for (std::uint64_t i = 0; i < count; ++i) toc.ids.push_back(synthetic_id("chunk", first + done + i));
    toc.sizes.assign(count, kChunkSize);
    segment.add_pack({shortened<PackName>(synthetic_id("pack", first + done)), PackType::data, size}, toc);
  }
  segment.sort();
  return segment;
}

void store(const Repository& repository, const IndexSegment& segment) {
  ObjectStore& objects = repository.store();
  const std::uint8_t placeholder = 0;
  for (const SegmentPack& pack : segment.packs)
    objects.put(pack_object(pack.name), {&placeholder, 1}, Durability::volatile_, {});
  const Bytes object = encode_index_segment(repository.keys().suite(), repository.keys().domain(),
                                            repository.keys().index_key(), segment);
  objects.put(index_object(sha256(object)), object, Durability::volatile_, {});
}

int run(const std::string& location, std::uint64_t chunks, std::uint64_t pack_chunks) {
  const char* password = std::getenv("IGUDAR_PASSWORD");
  if (password == nullptr) throw Error(ErrorCode::usage, "IGUDAR_PASSWORD is not set");
  const Repository repository =
      open_repository(open_store(location), SecretBytes(view_of(password)), UserFolders::from_environment(), {});
  const std::uint64_t step = kMostSegmentChunks / pack_chunks * pack_chunks;
  for (std::uint64_t first = 0; first < chunks; first += step)
    store(repository, claim(first, std::min(step, chunks - first), pack_chunks));
  return 0;
}

}  // namespace

}  // namespace igudar

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::cerr << "usage: igudar_synthetic REPOSITORY [CHUNKS [CHUNKS-IN-A-PACK]]\n";
    return 2;
  }
  try {
    const std::uint64_t chunks = argc > 2 ? std::stoull(argv[2]) : 20'000'000;
    const std::uint64_t pack_chunks = argc > 3 ? std::stoull(argv[3]) : 1024;
    if (pack_chunks == 0 || pack_chunks > igudar::kMostSegmentChunks)
      throw std::out_of_range("CHUNKS-IN-A-PACK is out of range");
    return igudar::run(argv[1], chunks, pack_chunks);
  } catch (const std::exception& error) {
    std::cerr << "igudar_synthetic: " << error.what() << '\n';
    return 1;
  }
}
