#include "repo/extent_walk.h"

#include "base/translate.h"
#include "format/entry_codec.h"

namespace igudar {

namespace {

using Visit = std::function<bool(const VisitedExtent&)>;

bool visit_from(std::uint64_t offset, const Content& content, ChunkReader& lists, const Visit& visit,
                const std::stop_token& stop) {
  for (const Extent& extent : content.extents) {
    if (!visit({extent, content.level, offset})) return false;
    if (content.level > 0) {
      const Content below{static_cast<std::uint8_t>(content.level - 1),
                          decode_extent_list(lists.read(ChunkType::extents, *extent.chunk, stop))};
      if (!covers(below, extent.size))
        throw Error(ErrorCode::damaged, tr("an extent list does not cover what it should"));
      if (!visit_from(offset, below, lists, visit, stop)) return false;
    }
    offset += extent.size;
  }
  return true;
}

}  // namespace

bool visit_extents(const Content& content, ChunkReader& lists, const Visit& visit, const std::stop_token& stop) {
  return visit_from(0, content, lists, visit, stop);
}

}  // namespace igudar
