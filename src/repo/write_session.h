#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

#include "concurrency/bounded_queue.h"
#include "concurrency/task_scope.h"
#include "repo/blob_index.h"
#include "repo/chunk_claims.h"
#include "repo/frame_reader.h"
#include "repo/pack_appender.h"

namespace igudar {

struct WriteTotals {
  std::uint64_t chunks = 0;        // new ones
  std::uint64_t plain_bytes = 0;   // of new chunks
  std::uint64_t stored_bytes = 0;  // of their frames
};

// Stores the new chunks of one run: claims them, gathers them into frames, seals those and writes packs.
//
//   worker threads ── ChunkStream: id, claim, frame, compress, seal ──▶ queue ──▶ one pack-writing thread
//
// Durability: what is finished is checkpointed now and then: packs made durable, then an index segment that names
// them; so a killed run leaves what had arrived for the next one. finish() does this for all the rest.
// Errors: when a pack cannot be written, finish() throws why; all that store chunks until then throw interrupted.
// Thread safety: open_stream, the look-ups and totals may be called concurrently; finish by one thread, once all
// streams are flushed.
class WriteSession {
 public:
  struct Options {
    CompressionSetting compression;
    bool dry_run = false;  // everything but storing
    std::uint64_t checkpoint_bytes = 2ULL << 30;
    std::chrono::seconds checkpoint_every{60};
  };
  WriteSession(const Repository& repository, BlobIndex& index, OwnSession session, const Options& options);
  ~WriteSession();  // without finish(): packs that were not checkpointed vanish

  // Stores chunks of one type for one thread. Not thread-safe.
  class ChunkStream;
  std::unique_ptr<ChunkStream> open_stream(ChunkType type);

  // Some page or list that an earlier session stored was found to be lost: from now on the others that equal new ones
  // are read before they are taken for stored.
  void distrust_metadata() { metadata_is_distrusted_ = true; }
  // The stored copy of a chunk, of this session or an earlier one. None when there is none.
  std::optional<OrdinalRange> place_of(const ChunkId& id) const;

  // Writes out everything: packs, then the index.
  void finish(std::stop_token stop);
  // Makes finish() not wait for what the storage does not take.
  void give_up() { scope_.request_stop(); }
  const SessionRef& session() const { return session_.ref; }
  const Repository& repository() const { return repository_; }
  WriteTotals totals() const { return {new_chunks_, new_bytes_, stored_bytes_}; }

 private:
  friend class ChunkStream;
  std::optional<OrdinalRange> indexed_place(const ChunkId& id) const;
  void write_packs(std::stop_token stop);
  void checkpoint(std::stop_token stop);
  void submit(SealedFrame frame);
  SealedFrame spare_frame();

  const Repository& repository_;
  BlobIndex& index_;
  const OwnSession session_;
  const Options options_;
  ChunkClaims claims_;
  PackAppender appender_;  // the pack-writing thread's
  std::atomic<bool> metadata_is_distrusted_{false};
  std::atomic<std::uint32_t> next_stream_{0};
  std::atomic<std::uint64_t> new_chunks_{0};
  std::atomic<std::uint64_t> new_bytes_{0};
  std::atomic<std::uint64_t> stored_bytes_{0};
  Guarded<std::vector<SealedFrame>> spare_frames_;
  BoundedQueue<SealedFrame> queue_;
  TaskScope scope_;
};

class WriteSession::ChunkStream {
 public:
  ChunkStream(WriteSession& session, ChunkType type, std::uint32_t stream);

  // Stores the chunk (at the latest with the next flush) unless the repository has it. Appends where its copy lies, new
  // or old, to `places`; returns its id.
  ChunkId add(ByteView chunk, std::vector<OrdinalRange>& places);
  // The same for a chunk whose id is known.
  void add_known(const ChunkId& id, ByteView chunk, std::vector<OrdinalRange>& places);
  // Seals the open frame. Call at the end.
  void flush();

 private:
  std::optional<OrdinalRange> trusted_place(const ChunkId& id);
  void note_chunk(const ChunkId& id, std::size_t size);
  bool worth_compressing(ByteView bytes) const;
  CompressionSetting setting() const;
  // Seals the open frame: `content` is what is left of `plain_size` bytes after compression by `codec`.
  void seal(ByteView content, std::size_t plain_size, Codec codec);

  WriteSession& session_;
  const ChunkType type_;
  const std::uint32_t stream_;
  ChunkHasher hasher_;
  SuiteCipher cipher_;
  std::optional<ChunkReader> stored_;  // once they are distrusted
  Compressor compressor_;
  Buffer plain_;
  Buffer compressed_;
  SealedFrame frame_;
  std::uint64_t next_ordinal_ = 0;
  std::uint64_t counter_ = 0;
};

}  // namespace igudar
