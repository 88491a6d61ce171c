#include "ops/prune/repack.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "base/translate.h"
#include "concurrency/bounded_queue.h"
#include "concurrency/guarded.h"
#include "concurrency/task_scope.h"
#include "crypto/hash.h"
#include "repo/damaged_object.h"
#include "repo/pack_appender.h"

namespace igudar {

namespace {

constexpr std::uint64_t kReadBytes = 4U << 20;   // frames are read together up to this
constexpr std::uint64_t kGapBytes = 256U << 10;  // and over gaps up to this
constexpr std::size_t kQueueBytes = 24U << 20;
constexpr std::size_t kRecordBatch = 4096;
constexpr std::size_t kSpareBuffers = 8;

struct FrameToCopy {
  std::uint64_t offset = 0;
  FrameInfo info;
  SessionRef session;
  std::vector<ChunkId> ids;
  std::vector<std::uint32_t> sizes;

  std::uint64_t end() const { return offset + info.sealed_size(); }
};

struct PackToCopy {
  PackName name;
  std::uint64_t size = 0;
  std::vector<FrameToCopy> frames;  // by offset
};

// Fills in the chunks of the frames from their segment; `wanted` has a place for each of the segment's frames.
void gather_chunks(const MappedSegment& rows, const std::vector<FrameToCopy*>& wanted) {
  std::vector<MappedSegment::ChunkRecord> records(kRecordBatch);
  for (std::uint64_t at = 0; at < rows.chunk_count(); at += kRecordBatch) {
    const std::uint64_t count = std::min<std::uint64_t>(kRecordBatch, rows.chunk_count() - at);
    rows.read_records(at, count, records.data());
    for (std::size_t i = 0; i < count; ++i) {
      FrameToCopy* frame = wanted.at(records[i].frame);
      if (frame == nullptr) continue;
      frame->ids.at(records[i].number) = records[i].id;
      frame->sizes.at(records[i].number) = records[i].size;
    }
  }
}

// The live frames of the packs, with all that the index says of them.
std::vector<PackToCopy> gather(const PackUsage& usage, const std::vector<std::uint32_t>& packs) {
  std::vector<PackToCopy> result;
  std::map<std::uint32_t, std::size_t> places;
  for (const std::uint32_t ordinal : packs) {
    places[ordinal] = result.size();
    result.push_back({usage.packs()[ordinal].name, usage.packs()[ordinal].size, {}});
  }
  struct Origin {
    std::uint32_t segment, frame;
  };
  std::vector<std::vector<std::pair<FrameToCopy, Origin>>> found(result.size());
  for (const FrameUse& use : usage.frames()) {
    const auto place = places.find(use.pack);
    if (!use.live || place == places.end()) continue;
    const MappedSegment& rows = *usage.segments()[use.segment].rows;
    const SegmentFrame frame = rows.frame(use.frame);
    FrameToCopy copy{frame.offset, frame.info, rows.session(frame.info.session), {}, {}};
    copy.ids.resize(frame.info.chunks);
    copy.sizes.resize(frame.info.chunks);
    found[place->second].emplace_back(std::move(copy), Origin{use.segment, use.frame});
  }
  std::map<std::uint32_t, std::vector<FrameToCopy*>> wanted;
  for (std::size_t i = 0; i < result.size(); ++i) {
    std::sort(found[i].begin(), found[i].end(),
              [](const auto& a, const auto& b) { return a.first.offset < b.first.offset; });
    result[i].frames.reserve(found[i].size());
    for (auto& [frame, origin] : found[i]) {
      std::vector<FrameToCopy*>& places_of = wanted[origin.segment];
      places_of.resize(static_cast<std::size_t>(usage.segments()[origin.segment].rows->frame_count()));
      places_of[origin.frame] = &result[i].frames.emplace_back(std::move(frame));
    }
  }
  for (const auto& [segment, frames] : wanted) gather_chunks(*usage.segments()[segment].rows, frames);
  return result;
}

// The hashes of a pack's blocks. Thread-safe once read.
class BlockHashes {
 public:
  // Throws damaged or truncated when they cannot be relied on.
  BlockHashes(const ObjectStore& store, const PackToCopy& pack, std::stop_token stop) {
    if (pack.size < kFooterSize) throw Error(ErrorCode::truncated, tr("the pack is shorter than its footer"));
    Bytes footer(kFooterSize);
    store.get_range(pack_object(pack.name), pack.size - kFooterSize, footer, stop);
    const PackFooter decoded = decode_footer(footer, pack.size);
    hashes_.resize(static_cast<std::size_t>(decoded.hashes_size()));
    store.get_range(pack_object(pack.name), decoded.hashes_offset, hashes_, stop);
    if (!footer_covers(footer, hashes_)) throw Error(ErrorCode::damaged, tr("the pack's block hashes are damaged"));
    end_ = decoded.hashes_offset;
    // A frame that the index puts beyond them cannot be in this pack.
    for (const FrameToCopy& frame : pack.frames)
      if (frame.end() > decoded.toc_offset) throw Error(ErrorCode::damaged, tr("the index does not fit the pack"));
  }

  std::uint64_t end() const { return end_; }
  bool match(std::uint64_t block, ByteView bytes) const {
    const Id32 digest = sha256(bytes);
    return std::memcmp(digest.view().data(), hashes_.data() + block * kBlockHashSize, kBlockHashSize) == 0;
  }

 private:
  Bytes hashes_;
  std::uint64_t end_ = 0;
};

// Frames [first, last) of a pack that are read together, and the blocks they lie in.
struct ReadRun {
  PackToCopy* pack = nullptr;
  std::size_t first = 0, last = 0;
  std::uint64_t begin = 0, end = 0;  // in the pack
  Buffer bytes;
};

ReadRun run_of(PackToCopy& pack, std::size_t first, std::size_t last, const BlockHashes& hashes) {
  const std::uint64_t begin = pack.frames[first].offset / kHashBlock * kHashBlock;
  const std::uint64_t end = (pack.frames[last - 1].end() + kHashBlock - 1) / kHashBlock * kHashBlock;
  return {&pack, first, last, begin, std::min(end, hashes.end()), {}};
}

// As many frames from `first` on as are worth one read.
ReadRun plan_run(PackToCopy& pack, std::size_t first, const BlockHashes& hashes) {
  const std::uint64_t begin = pack.frames[first].offset / kHashBlock * kHashBlock;
  std::size_t last = first + 1;
  for (; last < pack.frames.size(); ++last) {
    const FrameToCopy& next = pack.frames[last];
    if (next.offset > pack.frames[last - 1].end() + kGapBytes || next.end() - begin > kReadBytes) break;
  }
  return run_of(pack, first, last, hashes);
}

// Copies packs in two stages: a thread reads and verifies them from front to back, the calling one appends what comes.
class Copying {
 public:
  Copying(const Repository& repository, RunMonitor& monitor)
      : repository_(repository), monitor_(monitor), appender_(repository) {}

  RepackResult run(std::vector<PackToCopy> packs, std::stop_token stop) {
    TaskScope scope(stop);
    scope.spawn("read packs", [&](std::stop_token s) {
      for (PackToCopy& pack : packs) read(pack, s);
      queue_.close();
    });
    while (std::optional<ReadRun> run = queue_.pop(scope.token())) append(*run, stop);
    scope.join();
    if (stop.stop_requested()) throw Error(ErrorCode::interrupted, tr("stopped"));
    appender_.finish_packs(stop);
    take_finished();
    return std::move(result_);
  }

 private:
  void read(PackToCopy& pack, std::stop_token stop) {
    try {
      const BlockHashes hashes(repository_.store(), pack, stop);
      for (std::size_t first = 0; first < pack.frames.size();) {
        ReadRun run = plan_run(pack, first, hashes);
        first = run.last;
        if (!pass_on(std::move(run), hashes, stop)) return;
      }
    } catch (const Error& error) {
      if (!is_loss(error)) throw;
      note_damage(pack, error);
    }
  }

  // Hands over a run; where it is damaged, those of its frames that lie in sound blocks. False when stopped.
  bool pass_on(ReadRun run, const BlockHashes& hashes, const std::stop_token& stop) {
    try {
      read(run, hashes, stop);
    } catch (const Error& error) {
      if (!is_damage(error)) throw;
      note_damage(*run.pack, error);
      if (run.last - run.first == 1) return true;
      for (std::size_t i = run.first; i < run.last; ++i)
        if (!pass_on(run_of(*run.pack, i, i + 1, hashes), hashes, stop)) return false;
      return true;
    }
    const std::size_t cost = run.bytes.size();
    return queue_.push(std::move(run), cost, stop);
  }

  void note_damage(const PackToCopy& pack, const Error& error) {
    if (!result_.damaged.insert(pack.name).second) return;
    monitor_.problem(pack_object(pack.name).to_string(),
                     Error(ErrorCode::damaged, trf("{}; what is damaged is not copied", error.message()),
                           tr("Run 'igudar check --read-data' to see what is affected.")));
  }

  void read(ReadRun& run, const BlockHashes& hashes, std::stop_token stop) {
    run.bytes = spare_.with([](std::vector<Buffer>& spare) {
      Buffer buffer;
      if (!spare.empty()) {
        buffer = std::move(spare.back());
        spare.pop_back();
      }
      return buffer;
    });
    run.bytes.resize(static_cast<std::size_t>(run.end - run.begin));
    repository_.store().get_range(pack_object(run.pack->name), run.begin, run.bytes.span(), stop);
    result_.bytes_read += run.bytes.size();
    for (std::size_t at = 0; at < run.bytes.size(); at += kHashBlock) {
      const ByteView block = run.bytes.view().subspan(at, std::min<std::size_t>(kHashBlock, run.bytes.size() - at));
      if (!hashes.match((run.begin + at) / kHashBlock, block))
        throw Error(ErrorCode::damaged, trf("the bytes at {} are not those that were stored", run.begin + at));
    }
  }

  void append(ReadRun& run, std::stop_token stop) {
    SealedFrame sealed;
    for (std::size_t i = run.first; i < run.last; ++i) {
      FrameToCopy& frame = run.pack->frames[i];
      sealed.info = frame.info;
      sealed.ids = std::move(frame.ids);
      sealed.sizes = std::move(frame.sizes);
      sealed.sealed.clear();
      sealed.sealed.append(run.bytes.view().subspan(static_cast<std::size_t>(frame.offset - run.begin),
                                                    static_cast<std::size_t>(frame.info.sealed_size())));
      appender_.append(frame.session, sealed, stop);
      monitor_.advance(0, frame.info.sealed_size());
    }
    if (appender_.finished_chunks() >= kMostSegmentChunks / 2) take_finished();
    spare_.with([&](std::vector<Buffer>& spare) {
      if (spare.size() < kSpareBuffers) spare.push_back(std::move(run.bytes));
    });
  }

  void take_finished() {
    IndexSegment part = appender_.take_finished();
    if (part.packs.empty()) return;
    part.sort();
    for (const SegmentPack& pack : part.packs) result_.bytes_written += pack.size;
    result_.parts.push_back(std::move(part));
  }

  const Repository& repository_;
  RunMonitor& monitor_;
  PackAppender appender_;  // of the calling thread
  BoundedQueue<ReadRun> queue_{kQueueBytes};
  Guarded<std::vector<Buffer>> spare_;
  // The calling thread's parts, the reading one's damage and bytes read, and all the caller's once that has ended.
  RepackResult result_;
};

}  // namespace

RepackResult repack(const Repository& repository, const PackUsage& usage, const std::vector<std::uint32_t>& packs,
                    RunMonitor& monitor, std::stop_token stop) {
  return Copying(repository, monitor).run(gather(usage, packs), stop);
}

}  // namespace igudar
