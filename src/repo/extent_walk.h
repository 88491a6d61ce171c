#pragma once

#include <functional>

#include "format/entry.h"
#include "repo/frame_reader.h"

namespace igudar {

// One extent of a file's content: at level 0 a stretch of the file itself, above it an extent list of the level below
// (docs/format.md section 10.3).
struct VisitedExtent {
  const Extent& extent;
  std::uint8_t level = 0;
  std::uint64_t offset = 0;  // in the file

  ChunkType type() const { return level == 0 ? ChunkType::data : ChunkType::extents; }
};

// Visits all extents of `content`, as it was decoded, in the order of the file, each list before what it lists. Ends
// early, and returns false, when `visit` does.
//
// Thread safety: as `lists`, through which extent lists are read. Memory: one list for each level.
// Errors: those of ChunkReader; damaged when a list does not cover what it should.
bool visit_extents(const Content& content, ChunkReader& lists, const std::function<bool(const VisitedExtent&)>& visit,
                   const std::stop_token& stop);

}  // namespace igudar
