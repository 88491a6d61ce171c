#include "repo/mapped_segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/descriptor_io.h"
#include "base/error.h"
#include "base/translate.h"
#include "crypto/hash.h"

namespace igudar {

namespace {

constexpr char kMagic[8] = {'I', 'G', 'S', 'E', 'G', '0', '0', '3'};

std::uint64_t big_endian_prefix(const ChunkId& id) {
  return __builtin_bswap64(id.prefix());
}

}  // namespace

Buffer MappedSegment::build(const IndexSegment& segment) {
  std::vector<std::uint64_t> keys;
  keys.reserve(segment.chunks.size());
  for (const SegmentChunk& chunk : segment.chunks) keys.push_back(chunk.id.prefix());
  const FuseFilter filter = build_fuse_filter(std::move(keys));

  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.packs = segment.packs.size();
  header.sessions = segment.sessions.size();
  header.frames = segment.frames.size();
  header.chunks = segment.chunks.size();
  header.blocks = (header.chunks + kBlockRecords - 1) / kBlockRecords;
  header.filter = filter.shape;
  header.packs_at = sizeof(Header);
  header.sessions_at = header.packs_at + header.packs * sizeof(PackRow);
  header.frames_at = header.sessions_at + header.sessions * sizeof(SessionRef);
  header.directory_at = header.frames_at + header.frames * sizeof(FrameRow);
  header.filter_at = header.directory_at + header.blocks * sizeof(std::uint64_t);
  header.records_at = (header.filter_at + filter.fingerprints.size() + 4095) / 4096 * 4096;
  header.end = header.records_at + header.chunks * sizeof(ChunkRecord);

  Buffer out(static_cast<std::size_t>(header.end));
  out.append({reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
  const auto add = [&](const auto& row) { out.append({reinterpret_cast<const std::uint8_t*>(&row), sizeof row}); };
  for (const SegmentPack& pack : segment.packs)
    add(PackRow{pack.name, pack.size, static_cast<std::uint64_t>(pack.type)});
  for (const SessionRef& session : segment.sessions) add(session);
  for (const SegmentFrame& frame : segment.frames) {
    const FrameInfo& info = frame.info;
    add(FrameRow{frame.offset,
                 info.counter,
                 info.first_ordinal,
                 frame.pack,
                 info.session,
                 info.stream,
                 info.plain_size,
                 info.compressed_size,
                 info.padding,
                 info.chunks,
                 static_cast<std::uint8_t>(info.type),
                 static_cast<std::uint8_t>(info.codec),
                 {}});
  }
  for (std::size_t i = 0; i < segment.chunks.size(); i += kBlockRecords) add(big_endian_prefix(segment.chunks[i].id));
  out.append(filter.fingerprints);
  const std::size_t padding = static_cast<std::size_t>(header.records_at) - out.size();
  out.resize(out.size() + padding);
  std::memset(out.data() + out.size() - padding, 0, padding);

  // Offsets in a frame are the sums of the sizes before: gathered frame by frame first.
  std::vector<std::uint64_t> first_of_frame(segment.frames.size() + 1);
  for (std::size_t i = 0; i < segment.frames.size(); ++i)
    first_of_frame[i + 1] = first_of_frame[i] + segment.frames[i].info.chunks;
  std::vector<std::uint32_t> offsets(segment.chunks.size());
  for (const SegmentChunk& chunk : segment.chunks) offsets[first_of_frame[chunk.frame] + chunk.number] = chunk.size;
  for (std::size_t i = 0; i < segment.frames.size(); ++i) {
    std::uint32_t at = 0;
    for (std::uint64_t k = first_of_frame[i]; k < first_of_frame[i + 1]; ++k) at += std::exchange(offsets[k], at);
  }
  for (const SegmentChunk& chunk : segment.chunks)
    add(ChunkRecord{chunk.id, chunk.frame, chunk.number, offsets[first_of_frame[chunk.frame] + chunk.number],
                    chunk.size});

  auto& written = *reinterpret_cast<Header*>(out.data());
  written.rest = sha256(out.view().subspan(static_cast<std::size_t>(header.directory_at)));
  written.tables = tables_digest(out.data());
  return out;
}

Id32 MappedSegment::tables_digest(const std::uint8_t* file) {
  const auto& header = *reinterpret_cast<const Header*>(file);
  return sha256({file, offsetof(Header, tables)},
                {file + sizeof(Header), static_cast<std::size_t>(header.directory_at) - sizeof(Header)});
}

bool MappedSegment::sound(const Header& header, std::uint64_t size) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 || header.end != size) return false;
  for (const std::uint64_t count : {header.packs, header.sessions, header.frames, header.chunks})
    if (count > kMost) return false;
  return header.packs_at == sizeof(Header) && header.sessions_at == header.packs_at + header.packs * sizeof(PackRow) &&
         header.frames_at == header.sessions_at + header.sessions * sizeof(SessionRef) &&
         header.blocks == (header.chunks + kBlockRecords - 1) / kBlockRecords &&
         header.directory_at == header.frames_at + header.frames * sizeof(FrameRow) &&
         header.filter_at == header.directory_at + header.blocks * sizeof(std::uint64_t) &&
         header.records_at == (header.filter_at + header.filter.array_length + 4095) / 4096 * 4096 &&
         header.end == header.records_at + header.chunks * sizeof(ChunkRecord);
}

// Record by record where they are not mapped.
bool MappedSegment::verify_rest() const {
  constexpr std::uint64_t kRecordBatch = 16 * 1024;
  Digest digest(DigestAlgorithm::sha256);
  digest.update({base_ + header().directory_at, static_cast<std::size_t>(mapped_ - header().directory_at)});
  std::vector<ChunkRecord> batch(mapped_ < size_ ? kRecordBatch : 0);
  for (std::uint64_t at = 0; mapped_ < size_ && at < chunk_count(); at += kRecordBatch) {
    const std::uint64_t count = std::min(kRecordBatch, chunk_count() - at);
    read_records(at, count, batch.data());
    digest.update(
        {reinterpret_cast<const std::uint8_t*>(batch.data()), static_cast<std::size_t>(count) * sizeof(ChunkRecord)});
  }
  return equal(digest.finish(), header().rest.view());
}

std::shared_ptr<const MappedSegment> MappedSegment::open(const std::filesystem::path& file, bool map_records,
                                                         Verify verify) {
  std::shared_ptr<MappedSegment> segment(new MappedSegment);
  segment->file_.reset(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status {};
  Header header;
  if (!segment->file_.valid() || ::fstat(segment->file_.get(), &status) != 0 ||
      ::pread(segment->file_.get(), &header, sizeof header, 0) != ssize_t{sizeof header} ||
      !sound(header, static_cast<std::uint64_t>(status.st_size)))
    return nullptr;
  segment->size_ = header.end;
  segment->mapped_ = map_records ? header.end : header.records_at;
  void* base = ::mmap(nullptr, segment->mapped_, PROT_READ, MAP_SHARED, segment->file_.get(), 0);
  if (base == MAP_FAILED) return nullptr;
  segment->base_ = static_cast<const std::uint8_t*>(base);
  if (map_records) segment->file_.reset();
  if (tables_digest(segment->base_) != header.tables) return nullptr;
  if (verify == Verify::everything && !segment->verify_rest()) return nullptr;
  return segment;
}

std::shared_ptr<const MappedSegment> MappedSegment::from_memory(Buffer bytes) {
  std::shared_ptr<MappedSegment> segment(new MappedSegment);
  segment->memory_ = std::move(bytes);
  segment->base_ = segment->memory_.data();
  segment->size_ = segment->mapped_ = segment->memory_.size();
  return segment;
}

MappedSegment::~MappedSegment() {
  if (base_ != nullptr && memory_.empty()) ::munmap(const_cast<std::uint8_t*>(base_), mapped_);
}

bool MappedSegment::may_contain(const ChunkId& id) const {
  return fuse_filter_contains(header().filter, {base_ + header().filter_at, header().filter.array_length}, id.prefix());
}

template <typename Row>
const Row& MappedSegment::row(std::uint64_t at, std::uint64_t ordinal, std::uint64_t count) const {
  if (ordinal >= count)
    throw Error(ErrorCode::failed, tr("a cached index segment is malformed"),
                tr("Remove the cache folder and try again."));
  return reinterpret_cast<const Row*>(base_ + at)[ordinal];
}

SegmentPack MappedSegment::pack(std::uint32_t ordinal) const {
  const auto& found = row<PackRow>(header().packs_at, ordinal, header().packs);
  return {found.name, static_cast<PackType>(found.type), found.size};
}

SegmentFrame MappedSegment::frame(std::uint32_t ordinal) const {
  const auto& found = row<FrameRow>(header().frames_at, ordinal, header().frames);
  return {found.pack, found.offset,
          FrameInfo{static_cast<ChunkType>(found.type), static_cast<Codec>(found.codec), found.session, found.stream,
                    found.counter, found.first_ordinal, found.plain_size, found.compressed_size, found.padding,
                    found.chunks}};
}

SessionRef MappedSegment::session(std::uint32_t ordinal) const {
  return row<SessionRef>(header().sessions_at, ordinal, header().sessions);
}

void MappedSegment::read_records(std::uint64_t first, std::uint64_t count, ChunkRecord* out) const {
  const std::uint64_t at = header().records_at + first * sizeof(ChunkRecord);
  const std::size_t size = static_cast<std::size_t>(count) * sizeof(ChunkRecord);
  if (mapped_ == size_) {
    std::memcpy(static_cast<void*>(out), base_ + at, size);
    return;
  }
  std::size_t done = 0;
  const int error = read_fully_at(file_.get(), at, {reinterpret_cast<std::uint8_t*>(out), size}, done);
  if (error != 0 || done < size) throw_errno(error != 0 ? error : EIO, tr("cannot read the cached index"));
}

// The directory has the beginning of each block's first id. Where that equals the one wanted, copies of the chunk may
// begin in the block before.
std::uint64_t MappedSegment::first_block(const ChunkId& id) const {
  const auto* directory = reinterpret_cast<const std::uint64_t*>(base_ + header().directory_at);
  const auto* after = std::lower_bound(directory, directory + header().blocks, big_endian_prefix(id));
  return after == directory ? 0 : static_cast<std::uint64_t>(after - directory) - 1;
}

std::span<const MappedSegment::ChunkRecord> MappedSegment::read_block(std::uint64_t block, RecordBlock& scratch) const {
  const std::uint64_t first = block * kBlockRecords;
  const auto count = static_cast<std::size_t>(std::min(kBlockRecords, chunk_count() - first));
  if (mapped_ == size_) return {reinterpret_cast<const ChunkRecord*>(base_ + header().records_at) + first, count};
  read_records(first, count, scratch.data());
  return std::span(scratch).first(count);
}

}  // namespace igudar
