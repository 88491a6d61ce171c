#include "ops/check/index_check.h"

#include <algorithm>
#include <filesystem>

#include "base/translate.h"
#include "crypto/hash.h"
#include "repo/blob_index.h"
#include "repo/mapped_segment.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestSegment = 256U << 20;

// Mixes one word into a hash (the finaliser of MurmurHash3).
std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash ^= word;
  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdULL;
  hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53ULL;
  return hash ^ hash >> 33;
}

std::uint64_t hash_of(const SegmentFrame& frame, const SessionRef& session) {
  const FrameInfo& info = frame.info;
  std::uint64_t hash = frame.offset;
  for (const std::uint64_t word :
       {session.id.prefix(), session.sealed_secret.prefix(),
        std::uint64_t{session.epoch} << 24 | static_cast<std::uint64_t>(info.suite) << 16 |
            static_cast<std::uint64_t>(info.type) << 8 | static_cast<std::uint64_t>(info.codec),
        std::uint64_t{info.stream}, info.counter, info.first_ordinal, std::uint64_t{info.plain_size},
        std::uint64_t{info.compressed_size}, std::uint64_t{info.padding}, std::uint64_t{info.chunks}})
    hash = mix(hash, word);
  return hash;
}

bool same_rows(const IndexSegment& stored, const MappedSegment& cached) {
  if (cached.pack_count() != stored.packs.size() || cached.frame_count() != stored.frames.size() ||
      cached.chunk_count() != stored.chunks.size())
    return false;
  for (std::uint32_t i = 0; i < stored.packs.size(); ++i)
    if (cached.pack(i) != stored.packs[i]) return false;
  for (std::uint32_t i = 0; i < stored.frames.size(); ++i) {
    const SegmentFrame frame = cached.frame(i);
    if (frame != stored.frames[i] || cached.session(frame.info.session) != stored.sessions[frame.info.session])
      return false;
  }
  constexpr std::size_t kWindow = 1024;
  std::vector<MappedSegment::ChunkRecord> window(kWindow);
  for (std::size_t at = 0; at < stored.chunks.size(); at += kWindow) {
    const std::size_t count = std::min(kWindow, stored.chunks.size() - at);
    cached.read_records(at, count, window.data());
    for (std::size_t i = 0; i < count; ++i) {
      const SegmentChunk& chunk = stored.chunks[at + i];
      const MappedSegment::ChunkRecord& record = window[i];
      if (record.id != chunk.id || record.frame != chunk.frame || record.number != chunk.number ||
          record.size != chunk.size || !cached.may_contain(chunk.id))
        return false;
    }
  }
  return true;
}

void check_cached(const Repository& repository, const Id32& name, const IndexSegment& stored, Findings& findings) {
  const std::filesystem::path file = cached_segment_file(repository, name);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return;
  const auto cached = MappedSegment::open(file, true, MappedSegment::Verify::everything);
  if (cached && same_rows(stored, *cached)) return;
  std::filesystem::remove(file, ignored);
  findings.remark(index_object(name).to_string(),
                  trf("this machine's cached copy {} was damaged and has been removed", file.string()));
}

void add_packs(const IndexSegment& segment, const std::string& object, IndexedPacks& packs) {
  const std::map<PackName, PackFingerprint> contents = fingerprints_of(segment);
  for (const SegmentPack& pack : segment.packs)
    packs.insert({pack.name, {pack.size, pack.type, contents.at(pack.name), object}});
}

}  // namespace

std::map<PackName, PackFingerprint> fingerprints_of(const IndexSegment& segment) {
  std::vector<PackFingerprint> by_pack(segment.packs.size());
  for (const SegmentFrame& frame : segment.frames) {
    PackFingerprint& sums = by_pack[frame.pack];
    sums.frames += hash_of(frame, segment.sessions[frame.info.session]);
  }
  for (const SegmentChunk& chunk : segment.chunks) {
    const SegmentFrame& frame = segment.frames[chunk.frame];
    PackFingerprint& sums = by_pack[frame.pack];
    ++sums.chunks;
    std::uint64_t hash = mix(frame.offset, std::uint64_t{chunk.number} << 32 | chunk.size);
    for (std::size_t at = 0; at < ChunkId::kSize; at += 8)
      hash = mix(hash, FixedId<8>::from(chunk.id.view().subspan(at, 8)).prefix());
    sums.ids += hash;
  }
  std::map<PackName, PackFingerprint> result;
  for (std::size_t i = 0; i < by_pack.size(); ++i) result[segment.packs[i].name] = by_pack[i];
  return result;
}

IndexedPacks check_index(const Repository& repository, const GcState& gc, Findings& findings, std::stop_token stop) {
  IndexedPacks packs;
  for (const ObjectInfo& object : repository.store().list(ObjectKind::index, stop)) {
    const std::string name = object.name.to_string();
    const std::optional<Id32> id = parse_index_id(object.name.id);
    if (!id) {
      findings.remark(name, tr("it is not part of a repository, and ignored"));
      continue;
    }
    try {
      Bytes stored = repository.store().get(object.name, kLargestSegment, stop);
      if (sha256(stored) != *id) throw Error(ErrorCode::damaged, tr("its content is not what its name says"));
      const IndexSegment segment = decode_index_segment(repository.keys().index_keys(), std::move(stored));
      check_cached(repository, *id, segment, findings);
      add_packs(segment, name, packs);
    } catch (const Error& error) {
      if (!is_about_object(error)) throw;
      if (error.code() == ErrorCode::not_found) continue;  // merged by a prune since the listing
      if (gc.condemned_segments.contains(*id))
        findings.remark(name, trf("damaged, but about to be removed: {}", error.what()));
      else
        findings.damage(Topic::index, name, error.what());
    }
  }
  return packs;
}

}  // namespace igudar
