#pragma once

#include "ops/backup/backup.h"
#include "ops/backup/batch.h"
#include "ops/backup/segment_cutter.h"
#include "repo/write_session.h"

namespace igudar {

// The middle stage of a backup, run by each worker thread: reads the files of a batch, cuts them, stores their chunks
// and encodes the entries. A file that cannot be read is reported and dropped.
//
// Not thread-safe: one for each thread. Memory: one file of at most 8 MiB or one segment, and an open frame.
class FileWorker {
 public:
  FileWorker(const BackupOptions& options, WriteSession& session, const FastCdc& cdc, RunMonitor& monitor,
             std::atomic<std::uint64_t>& unreadable);

  void process(Batch& batch, std::stop_token stop);
  // Seals what is still open. Call once after the last batch.
  void flush() { chunks_->flush(); }

 private:
  void complete_item(BackupItem& item, std::vector<OrdinalRange>& places);
  void read_file(BackupItem& item);
  void read_attempt(FileReader& reader, Entry& entry);
  void store_range(const FileReader& reader, const FileRange& range, Entry& entry);
  ChunkId store(ByteView chunk);
  void process_part(Batch& batch, std::stop_token stop);
  void cut_segment(LargePart& part, SegmentHandOff before, std::vector<OrdinalRange>& places);
  void report(const std::string& path, const Error& error);

  const BackupOptions& options_;
  const FastCdc& cdc_;
  RunMonitor& monitor_;
  std::atomic<std::uint64_t>& unreadable_;
  std::unique_ptr<WriteSession::ChunkStream> chunks_;
  SegmentCutter cutter_;
  std::vector<OrdinalRange> places_;  // of the chunks of the file being read
  std::vector<Digest> digests_;
  bool storing_ = false;  // what fails then is the repository, not the source
};

}  // namespace igudar
