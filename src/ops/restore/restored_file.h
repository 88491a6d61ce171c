#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "concurrency/guarded.h"
#include "format/chunk.h"
#include "format/entry.h"

namespace igudar {

// A file on its way to disk. Its chunks arrive from several threads, in any order; whoever writes the last one gives it
// its metadata and closes it (FileFinisher).
//
// Thread safety: the atomic and guarded parts may be used concurrently; the rest is const once planned.
struct RestoredFile {
  std::string path;  // below the target
  Metadata meta;
  std::atomic<std::uint32_t> chunks_left{0};  // claims: one for each chunk, and one while more are being planned
  std::atomic<bool> failed{false};
  bool in_place = false;  // an existing file that is brought up to date
  Guarded<UniqueFd> fd;   // open while chunks arrive

  RestoredFile(std::string file_path, Metadata metadata) : path(std::move(file_path)), meta(std::move(metadata)) {}
};
using RestoredFilePtr = std::shared_ptr<RestoredFile>;

// One chunk of a file that has to be written.
struct ChunkWrite {
  RestoredFilePtr file;
  ChunkId id;
  std::uint64_t file_offset = 0;
  std::uint32_t frame_offset = 0;
  std::uint32_t size = 0;
};

}  // namespace igudar
