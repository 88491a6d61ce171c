#include "ops/prune/repack.h"

#include <algorithm>
#include <map>
#include <memory>

#include "base/translate.h"
#include "concurrency/bounded_queue.h"
#include "concurrency/guarded.h"
#include "concurrency/task_scope.h"
#include "ops/prune/verified_pack.h"
#include "repo/damaged_object.h"
#include "repo/frame_reader.h"
#include "repo/pack_appender.h"

namespace igudar {

namespace {

constexpr std::size_t kQueueBytes = 24U << 20;
constexpr std::size_t kRecordBatch = 4096;
constexpr std::size_t kSpareBuffers = 8;

struct FrameToCopy {
  std::uint64_t offset = 0;
  FrameInfo info;
  SessionRef session;
  std::vector<ChunkId> ids;
  std::vector<std::uint32_t> sizes;
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

// Frames that were read together.
struct ReadRun {
  PackToCopy* pack = nullptr;
  std::shared_ptr<const VerifiedPack> reader;
  VerifiedPack::Run run;
  Buffer bytes;
};

// Copies packs in two stages: a thread reads and verifies them from front to back, the calling one appends what comes.
class Copying {
 public:
  Copying(const Repository& repository, RunMonitor& monitor)
      : repository_(repository), monitor_(monitor), appender_(repository), frames_(repository) {}

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
    std::vector<FrameSpan> places;
    for (const FrameToCopy& frame : pack.frames) places.push_back({frame.offset, frame.info.sealed_size()});
    try {
      const auto reader =
          std::make_shared<const VerifiedPack>(repository_.store(), pack.name, pack.size, std::move(places), stop);
      for (std::size_t first = 0; first < reader->frame_count();) {
        const VerifiedPack::Run run = reader->run_from(first);
        first = run.last;
        if (!pass_on({&pack, reader, run, spare_buffer()}, stop)) return;
      }
    } catch (const Error& error) {
      if (!is_loss(error)) throw;
      note_damage(pack, error);
    }
  }

  // Hands over a run; where it is damaged, those of its frames that are sound. False when stopped.
  bool pass_on(ReadRun run, const std::stop_token& stop) {
    try {
      run.reader->read(run.run, run.bytes, stop);
      result_.bytes_read += run.bytes.size();
    } catch (const Error& error) {
      if (!is_damage(error)) throw;
      if (run.run.last - run.run.first > 1) {
        for (std::size_t i = run.run.first; i < run.run.last; ++i)
          if (!pass_on({run.pack, run.reader, run.reader->run_of(i), spare_buffer()}, stop)) return false;
        return true;
      }
      if (!opens(run)) {
        note_damage(*run.pack, error);
        return true;
      }
    }
    const std::size_t cost = run.bytes.size();
    return queue_.push(std::move(run), cost, stop);
  }

  // Whether a frame that shares a block with damage is sound itself, by its seal. Only a slot whose keys open it can
  // tell.
  bool opens(const ReadRun& run) {
    const FrameToCopy& frame = run.pack->frames[run.run.first];
    if (!repository_.keys().can_open(frame.info.type)) return false;
    try {
      frames_.open(
          {{run.pack->name, pack_type_of(frame.info.type), run.pack->size}, frame.offset, frame.info, frame.session},
          run.reader->frame(run.run, run.run.first, run.bytes), plain_);
      return true;
    } catch (const Error& error) {
      if (!is_damage(error)) throw;
      return false;
    }
  }

  void note_damage(const PackToCopy& pack, const Error& error) {
    if (!result_.damaged.insert(pack.name).second) return;
    monitor_.problem(pack_object(pack.name).to_string(),
                     Error(ErrorCode::damaged, trf("{}; what is damaged is not copied", error.message()),
                           tr("Run 'igudar check --read-data' to see what is affected.")));
  }

  Buffer spare_buffer() {
    return spare_.with([](std::vector<Buffer>& spare) {
      Buffer buffer;
      if (!spare.empty()) {
        buffer = std::move(spare.back());
        spare.pop_back();
      }
      return buffer;
    });
  }

  void append(ReadRun& run, std::stop_token stop) {
    SealedFrame sealed;
    for (std::size_t i = run.run.first; i < run.run.last; ++i) {
      FrameToCopy& frame = run.pack->frames[i];
      sealed.info = frame.info;
      sealed.ids = std::move(frame.ids);
      sealed.sizes = std::move(frame.sizes);
      sealed.sealed.clear();
      sealed.sealed.append(run.reader->frame(run.run, i, run.bytes));
      appender_.append(named(frame.session), sealed, stop);
      monitor_.advance(0, frame.info.sealed_size());
    }
    if (appender_.finished_chunks() >= kMostSegmentChunks / 2) take_finished();
    spare_.with([&](std::vector<Buffer>& spare) {
      if (spare.size() < kSpareBuffers) spare.push_back(std::move(run.bytes));
    });
  }

  // As the new packs name the session.
  const SessionRef& named(const SessionRef& session) {
    const auto [known, is_new] = sessions_.try_emplace(session, session);
    if (is_new && repository_.keys().can_read()) try {
        known->second = repository_.keys().rewrapped(session);
      } catch (const Error& error) {
        if (!is_damage(error)) throw;  // what it seals cannot be read either way
      }
    return known->second;
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
  PackAppender appender_;  // of the calling thread, as is sessions_
  std::map<SessionRef, SessionRef> sessions_;
  FrameReader frames_;  // of the reading one, as is plain_
  Buffer plain_;
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
