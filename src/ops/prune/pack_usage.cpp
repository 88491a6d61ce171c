#include "ops/prune/pack_usage.h"

#include <algorithm>
#include <tuple>

namespace igudar {

PackUsage::PackUsage(std::shared_ptr<const BlobIndex::Segments> segments, const std::vector<ObjectInfo>& listed)
    : segments_(std::move(segments)) {
  for (const ObjectInfo& object : listed) {
    const std::optional<PackName> name = parse_pack_id(object.name.id);
    if (!name || !ordinals_.try_emplace(*name, static_cast<std::uint32_t>(packs_.size())).second) continue;
    PackUse& pack = packs_.emplace_back();
    pack.name = *name;
    pack.size = object.size;
    pack.stored_at = object.stored_at;
  }
  for (std::uint32_t i = 0; i < segments_->size(); ++i) add_segment(i);
  std::sort(frames_.begin(), frames_.end(), [](const FrameUse& a, const FrameUse& b) {
    return std::tie(a.session, a.stream, a.first, a.pack) < std::tie(b.session, b.stream, b.first, b.pack);
  });
}

void PackUsage::add_segment(std::uint32_t ordinal) {
  const MappedSegment& rows = *(*segments_)[ordinal].rows;
  std::vector<const std::uint32_t*> taken(static_cast<std::size_t>(rows.pack_count()));
  for (std::uint32_t i = 0; i < taken.size(); ++i) {
    const auto listed = ordinals_.find(rows.pack(i).name);
    // A pack that two segments describe (a prune was cut short) is taken from the first.
    if (listed == ordinals_.end() || packs_[listed->second].indexed) continue;
    packs_[listed->second].indexed = true;
    packs_[listed->second].type = rows.pack(i).type;
    taken[i] = &listed->second;
  }
  std::vector<std::uint32_t> session_ordinals;
  for (std::uint32_t i = 0; i < rows.frame_count(); ++i) {
    const SegmentFrame frame = rows.frame(i);
    if (taken[frame.pack] == nullptr) continue;
    while (session_ordinals.size() <= frame.info.session) {
      const SessionId id = rows.session(static_cast<std::uint32_t>(session_ordinals.size())).id;
      session_ordinals.push_back(sessions_.try_emplace(id, static_cast<std::uint32_t>(sessions_.size())).first->second);
    }
    frames_.push_back({session_ordinals[frame.info.session], frame.info.stream, frame.info.first_ordinal,
                       frame.info.chunks, *taken[frame.pack], ordinal, i, frame.info.sealed_size()});
  }
}

PackUsage::Frames::iterator PackUsage::end_of_copies(Frames::iterator first) {
  auto end = first;
  while (end != frames_.end() && end->session == first->session && end->stream == first->stream &&
         end->first == first->first)
    ++end;
  return end;
}

PackUsage::Frames::iterator PackUsage::first_after(std::uint32_t session, std::uint32_t stream, std::uint64_t ordinal) {
  const auto key = std::tie(session, stream, ordinal);
  auto at = std::upper_bound(frames_.begin(), frames_.end(), key, [](const auto& wanted, const FrameUse& frame) {
    return wanted < std::tie(frame.session, frame.stream, frame.first);
  });
  // The one before begins at or before the ordinal, and so do its copies.
  if (at == frames_.begin()) return at;
  const FrameUse& before = *(at - 1);
  if (before.session != session || before.stream != stream || before.first + before.chunks <= ordinal) return at;
  const std::uint64_t first = before.first;
  while (at != frames_.begin() && (at - 1)->session == session && (at - 1)->stream == stream &&
         (at - 1)->first == first)
    --at;
  return at;
}

RefBits PackUsage::mark(const RefKey& key, const RefBits& bits) {
  RefBits missing = bits;
  const auto session = sessions_.find(key.session);
  if (session == sessions_.end()) return missing;
  const std::uint64_t begin = std::uint64_t{key.block} * kRefBlock;
  const std::uint64_t end = begin + kRefBlock;
  for (auto frame = first_after(session->second, key.stream, begin);
       frame != frames_.end() && frame->session == session->second && frame->stream == key.stream &&
       frame->first < end;) {
    const auto next = end_of_copies(frame);
    const std::uint64_t from = std::max(frame->first, begin);
    const std::uint64_t to = std::min(frame->first + frame->chunks, end);
    bool needed = false;
    for (auto i = static_cast<std::uint32_t>(from - begin); i < static_cast<std::uint32_t>(to - begin); ++i) {
      needed = needed || bits.test(i);
      missing.reset(i);
    }
    for (; frame != next; ++frame) frame->needed = frame->needed || needed;
  }
  return missing;
}

void PackUsage::mark(std::size_t frame) {
  const FrameUse& wanted = frames_[frame];
  for (auto copy = first_after(wanted.session, wanted.stream, wanted.first), end = end_of_copies(copy); copy != end;
       ++copy)
    copy->needed = true;
}

void PackUsage::settle(const std::set<PackName>& unwanted) {
  for (PackUse& pack : packs_) pack.live = pack.dead = 0;
  for (auto frame = frames_.begin(); frame != frames_.end();) {
    const auto next = end_of_copies(frame);
    frame->live = frame->needed;
    if (next - frame == 1) (frame->live ? packs_[frame->pack].live : packs_[frame->pack].dead) += frame->sealed_size;
    frame = next;
  }
  for (auto frame = frames_.begin(); frame != frames_.end();) {
    const auto next = end_of_copies(frame);
    if (next - frame > 1) {
      const auto worth = [&](const FrameUse& copy) {
        const PackUse& pack = packs_[copy.pack];
        return std::tuple(!copy.lost, !unwanted.contains(pack.name), pack.live, pack.name);
      };
      const auto best =
          std::max_element(frame, next, [&](const FrameUse& a, const FrameUse& b) { return worth(a) < worth(b); });
      for (auto copy = frame; copy != next; ++copy) {
        copy->live = copy->needed && (copy == best || best->lost);
        (copy->live ? packs_[copy->pack].live : packs_[copy->pack].dead) += copy->sealed_size;
      }
    }
    frame = next;
  }
}

std::uint64_t PackUsage::total(const std::vector<std::uint32_t>& packs, std::uint64_t PackUse::*bytes) const {
  std::uint64_t sum = 0;
  for (const std::uint32_t i : packs) sum += packs_[i].*bytes;
  return sum;
}

std::set<std::uint32_t> PackUsage::packs_with_copies(const std::set<PackName>& packs) const {
  std::set<std::uint32_t> found;
  for (const FrameUse& frame : frames_) {
    if (!frame.live || !packs.contains(packs_[frame.pack].name)) continue;
    const auto [first, last] =
        std::equal_range(frames_.begin(), frames_.end(), frame, [](const FrameUse& a, const FrameUse& b) {
          return std::tie(a.session, a.stream, a.first) < std::tie(b.session, b.stream, b.first);
        });
    for (auto copy = first; copy != last; ++copy) found.insert(copy->pack);
  }
  return found;
}

}  // namespace igudar
