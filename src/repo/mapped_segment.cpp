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

// Of whatever row; those of sessions alone may end elsewhere.
constexpr std::uint64_t kRowAlignment = 8;
std::uint64_t aligned(std::uint64_t at) {
  return (at + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
}

constexpr char kMagic[8] = {'I', 'G', 'S', 'E', 'G', '0', '0', '7'};

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
  header.frames_at = aligned(header.sessions_at + header.sessions * sizeof(SessionRow));
  header.directory_at = header.frames_at + header.frames * sizeof(FrameRow);
  header.filter_at = header.directory_at + header.blocks * sizeof(BlockRow);
  header.records_at = (header.filter_at + filter.fingerprints.size() + 4095) / 4096 * 4096;
  header.end = header.records_at + header.chunks * sizeof(ChunkRecord);

  Buffer out(static_cast<std::size_t>(header.end));
  out.append({reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
  const auto pad = [&](std::uint64_t until) {
    const std::size_t size = out.size();
    out.resize(static_cast<std::size_t>(until));
    std::memset(out.data() + size, 0, out.size() - size);
  };
  const auto add = [&](const auto& row) { out.append({reinterpret_cast<const std::uint8_t*>(&row), sizeof row}); };
  for (const SegmentPack& pack : segment.packs)
    add(PackRow{pack.name, pack.size, static_cast<std::uint64_t>(pack.type)});
  for (const SessionRef& session : segment.sessions)
    add(SessionRow{session.id, session.epoch, static_cast<std::uint32_t>(session.suite), session.sealed_secret});
  pad(header.frames_at);
  for (const SegmentFrame& frame : segment.frames) {
    const FrameInfo& info = frame.info;
    add(FrameRow{frame.offset, info.counter, info.first_ordinal, frame.pack, info.session, info.stream, info.plain_size,
                 info.compressed_size, info.padding, info.chunks, static_cast<std::uint8_t>(info.type),
                 static_cast<std::uint8_t>(info.codec), static_cast<std::uint8_t>(info.suite), 0});
  }
  for (std::size_t i = 0; i < segment.chunks.size(); i += kBlockRecords)
    add(BlockRow{big_endian_prefix(segment.chunks[i].id), 0});
  out.append(filter.fingerprints);
  pad(header.records_at);

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

  const auto* records = reinterpret_cast<const ChunkRecord*>(out.data() + header.records_at);
  auto* rows = reinterpret_cast<BlockRow*>(out.data() + header.directory_at);
  for (std::size_t i = 0; i < segment.chunks.size(); i += kBlockRecords)
    rows[i / kBlockRecords].digest = digest_of({records + i, std::min<std::size_t>(kBlockRecords, header.chunks - i)});
  reinterpret_cast<Header*>(out.data())->digest = digest_without_records(out.data());
  return out;
}

Id32 MappedSegment::digest_without_records(const std::uint8_t* file) {
  const auto& header = *reinterpret_cast<const Header*>(file);
  return sha256({file, offsetof(Header, digest)},
                {file + sizeof(Header), static_cast<std::size_t>(header.records_at) - sizeof(Header)});
}

bool MappedSegment::sound(const Header& header, std::uint64_t size) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 || header.end != size) return false;
  for (const std::uint64_t count : {header.packs, header.sessions, header.frames, header.chunks})
    if (count > kMost) return false;
  return header.packs_at == sizeof(Header) && header.sessions_at == header.packs_at + header.packs * sizeof(PackRow) &&
         header.frames_at == aligned(header.sessions_at + header.sessions * sizeof(SessionRow)) &&
         header.blocks == (header.chunks + kBlockRecords - 1) / kBlockRecords &&
         header.directory_at == header.frames_at + header.frames * sizeof(FrameRow) &&
         header.filter_at == header.directory_at + header.blocks * sizeof(BlockRow) &&
         header.records_at == (header.filter_at + header.filter.array_length + 4095) / 4096 * 4096 &&
         header.end == header.records_at + header.chunks * sizeof(ChunkRecord);
}

bool MappedSegment::all_records_are_sound() const {
  constexpr std::uint64_t kBatch = 256 * kBlockRecords;
  std::vector<ChunkRecord> batch(static_cast<std::size_t>(std::min(kBatch, chunk_count())));
  try {
    for (std::uint64_t at = 0; at < chunk_count(); at += kBatch)
      read_records(at, std::min(kBatch, chunk_count() - at), batch.data());
  } catch (const Error&) {
    if (!damaged_) throw;
  }
  return !damaged_;
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
  if (digest_without_records(segment->base_) != header.digest) return nullptr;
  constexpr std::uint64_t kBits = 64;
  segment->verified_ =
      std::vector<std::atomic<std::uint64_t>>(static_cast<std::size_t>((header.blocks + kBits - 1) / kBits));
  if (verify == Verify::everything && !segment->all_records_are_sound()) return nullptr;
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
          FrameInfo{static_cast<ChunkType>(found.type), static_cast<Codec>(found.codec),
                    static_cast<CipherSuite>(found.suite), found.session, found.stream, found.counter,
                    found.first_ordinal, found.plain_size, found.compressed_size, found.padding, found.chunks}};
}

SessionRef MappedSegment::session(std::uint32_t ordinal) const {
  const auto& found = row<SessionRow>(header().sessions_at, ordinal, header().sessions);
  return {found.id, static_cast<std::uint16_t>(found.epoch), found.sealed_secret,
          static_cast<CipherSuite>(found.suite)};
}

void MappedSegment::read_records(std::uint64_t first, std::uint64_t count, ChunkRecord* out) const {
  if (count == 0) return;
  fetch_records(first, count, out);
  const std::uint64_t end = first + count;
  for (std::uint64_t block = first / kBlockRecords; block * kBlockRecords < end; ++block) {
    const std::uint64_t begin = block * kBlockRecords;
    const std::uint64_t size = std::min(kBlockRecords, chunk_count() - begin);
    RecordBlock scratch;
    if (begin < first || begin + size > end)
      (void)read_block(block, scratch);
    else
      verify_block(block, {out + (begin - first), static_cast<std::size_t>(size)});
  }
}

void MappedSegment::fetch_records(std::uint64_t first, std::uint64_t count, ChunkRecord* out) const {
  const std::uint64_t at = header().records_at + first * sizeof(ChunkRecord);
  const std::size_t size = static_cast<std::size_t>(count) * sizeof(ChunkRecord);
  if (has_mapped_records()) {
    std::memcpy(static_cast<void*>(out), base_ + at, size);
    return;
  }
  std::size_t done = 0;
  const int error = read_fully_at(file_.get(), at, {reinterpret_cast<std::uint8_t*>(out), size}, done);
  if (error != 0 || done < size) throw_errno(error != 0 ? error : EIO, tr("cannot read the cached index"));
}

std::span<const MappedSegment::BlockRow> MappedSegment::directory() const {
  return {reinterpret_cast<const BlockRow*>(base_ + header().directory_at), static_cast<std::size_t>(header().blocks)};
}

// The directory has the beginning of each block's first id. Where that equals the one wanted, copies of the chunk may
// begin in the block before.
std::uint64_t MappedSegment::first_block(const ChunkId& id) const {
  const std::span<const BlockRow> rows = directory();
  const auto after = std::lower_bound(rows.begin(), rows.end(), big_endian_prefix(id),
                                      [](const BlockRow& row, std::uint64_t wanted) { return row.begin < wanted; });
  return after == rows.begin() ? 0 : static_cast<std::uint64_t>(after - rows.begin()) - 1;
}

std::span<const MappedSegment::ChunkRecord> MappedSegment::read_block(std::uint64_t block, RecordBlock& scratch) const {
  const std::uint64_t first = block * kBlockRecords;
  const auto count = static_cast<std::size_t>(std::min(kBlockRecords, chunk_count() - first));
  std::span<const ChunkRecord> records = std::span(scratch).first(count);
  if (has_mapped_records())
    records = {reinterpret_cast<const ChunkRecord*>(base_ + header().records_at) + first, count};
  else
    fetch_records(first, count, scratch.data());
  verify_block(block, records);
  return records;
}

std::uint64_t MappedSegment::digest_of(std::span<const ChunkRecord> block) {
  return sha256({reinterpret_cast<const std::uint8_t*>(block.data()), block.size_bytes()}).prefix();
}

void MappedSegment::verify_block(std::uint64_t block, std::span<const ChunkRecord> records) const {
  if (verified_.empty()) return;
  std::atomic<std::uint64_t>& bits = verified_[static_cast<std::size_t>(block / 64)];
  const std::uint64_t bit = std::uint64_t{1} << block % 64;
  if ((bits.load(std::memory_order_relaxed) & bit) != 0) return;
  if (digest_of(records) != directory()[static_cast<std::size_t>(block)].digest) {
    damaged_ = true;
    throw Error(ErrorCode::failed, tr("this machine's cached copy of the index is damaged"),
                tr("Run 'igudar check': it removes what is damaged, and the next run makes it anew."));
  }
  bits.fetch_or(bit, std::memory_order_relaxed);
}

}  // namespace igudar
