#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "format/index_segment.h"
#include "repo/mapped_segment.h"
#include "repo/repository.h"

namespace igudar {

// The part of a segment that is about packs for which `keep` (ordinal in the segment) says yes.
IndexSegment part_of_segment(const MappedSegment& rows, const std::function<bool(std::uint32_t pack)>& keep);

// Joins parts, each sorted, into as few segments as they fit in and stores these, durable once it returns. Their packs
// must be durable before.
void store_segments(const Repository& repository, std::vector<IndexSegment> parts, std::stop_token stop);

}  // namespace igudar
